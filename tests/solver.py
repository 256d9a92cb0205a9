"""What a browser does with a proof of work, for tests that are not about browsers."""

from typing import Any

from altcha import Challenge, Payload, solve_challenge


def solved(task: dict[str, Any]) -> str:
    """The payload that answers a task, bare or as a decision poses it."""
    challenge = Challenge.from_dict(task.get("altcha", task))
    solution = solve_challenge(challenge)
    assert solution is not None
    encoded: str = Payload(challenge, solution).to_base64()
    return encoded
