"""Labelled history becomes models: start at `trainers.py`."""
