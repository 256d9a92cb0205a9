"""What is counted and marked while the service runs; start reading at `memory`."""
