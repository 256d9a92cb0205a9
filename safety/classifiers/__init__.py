"""What models think: start at `registry.py`, which loads `models/`, then `linear_text.py`."""
