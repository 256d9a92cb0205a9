"""Benchmarks: every figure is a ratio of two measurements of one run. Run by `make bench`."""
