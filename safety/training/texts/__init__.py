"""Text models, `spam` and `abuse`: start at `train.py`, which turns labelled rows into weights."""
