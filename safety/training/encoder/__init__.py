"""The second stage of the text models is trained here: start at `trainer.py`."""
