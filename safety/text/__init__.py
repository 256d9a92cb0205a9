"""Pure text work: start at `fold.py` for the normaliser, `links.py` for links."""
