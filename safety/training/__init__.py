"""Labelled history becomes models: start at `spam.py`."""
