"""Other services' protocols in front of the same models and rules: start at `perspective.py`."""
