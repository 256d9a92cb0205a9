"""HTTP in, HTTP out, nothing else. `door` answers decisions, `api` the rest, `desk` the pages."""
