"""Made-up traffic and replayed files, sent through the public HTTP API. Start at `stream.py`."""
