"""Where the act comes from that is being done: for the audit log, and for nothing else.

It travels beside the call, as the request's id does for the log: handed through every flow as an
argument, it would be in the way of all that they are about.
"""

from contextvars import ContextVar

# The address (an IPv6 /64) of a member of staff or of a platform's server; empty for a command,
# and for users, whose addresses have no place in a log that forgets nothing.
ORIGIN: ContextVar[str] = ContextVar("origin", default="")
