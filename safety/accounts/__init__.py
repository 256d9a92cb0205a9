"""A person gets in: staff sign in by one-time link and hold a session (`staff`)."""
