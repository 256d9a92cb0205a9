"""The activity model: programs known by what they do where; start reading at `train`."""
