"""A person looks: what needs a look (`route`), and the desk where it is looked at (`review`)."""
