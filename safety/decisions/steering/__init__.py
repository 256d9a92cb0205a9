"""What people do about rules while the service runs: watch, change, take away, undo."""
