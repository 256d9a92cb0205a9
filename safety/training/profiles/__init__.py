"""The model of fake accounts: start at `train.py`, then `simulator.py`."""
