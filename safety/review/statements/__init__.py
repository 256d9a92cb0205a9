"""Statements of reasons: start at `walk.py`, which finds what needs one, then `build.py`."""
