"""Safety Gate: gate signups, flag abuse and route what needs a person, before each write."""

__version__ = "0.1.0"
