"""What the proof of work promises: one decision, one purpose, in time, spendable once."""

from base64 import b64decode, b64encode
from json import dumps, loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.errors import ProofRejected
from safety.gates import pow as proof_of_work
from tests.solver import solved

NOON = 1_000_000_000.0  # long ago by the machine's clock: only the time handed in counts
KEY = b"k" * 32


def a_task(*, decision_id: str = "dec_1", purpose: str = "signup") -> dict[str, Any]:
    return proof_of_work.challenge(decision_id, purpose, key=KEY, at=NOON, lasts=300, cost=1)


def verified(
    payload: str,
    *,
    decision_id: str = "dec_1",
    purpose: str = "signup",
    key: bytes = KEY,
    at: float = NOON + 5,
) -> str:
    return proof_of_work.verify(payload, decision_id=decision_id, purpose=purpose, key=key, at=at)


def as_payload(sent: object) -> str:
    return b64encode(dumps(sent).encode()).decode()


def opened(payload: str) -> dict[str, Any]:
    sent: dict[str, Any] = loads(b64decode(payload))
    return sent


def changed(payload: str, **changes: Any) -> str:
    """The payload with some parameters of its challenge changed."""
    sent = opened(payload)
    sent["challenge"]["parameters"] |= changes
    return as_payload(sent)


def test_a_solved_task_is_accepted_and_names_what_to_spend() -> None:
    assert len(verified(solved(a_task()))) == 64


def test_a_task_always_expires_and_is_bound() -> None:
    parameters = a_task()["parameters"]
    assert parameters["expiresAt"] == NOON + 300
    assert parameters["data"] == {"decision": "dec_1", "purpose": "signup"}


def test_a_replay_has_the_same_hash_and_another_task_has_another() -> None:
    task = a_task()
    first, second = solved(task), solved(task)
    assert verified(first) == verified(second) == verified(first, at=NOON + 100)
    assert verified(solved(a_task())) != verified(first)


def test_a_proof_of_another_decision_purpose_or_key_is_rejected() -> None:
    payload = solved(a_task())
    with pytest.raises(ProofRejected, match="another challenge"):
        verified(payload, decision_id="dec_2")
    with pytest.raises(ProofRejected, match="another challenge"):
        verified(payload, purpose="login")
    with pytest.raises(ProofRejected, match="not made for a challenge of this service"):
        verified(payload, key=b"x" * 32)


def test_an_expired_proof_is_rejected() -> None:
    payload = solved(a_task())
    assert verified(payload, at=NOON + 299.9)
    with pytest.raises(ProofRejected, match="expired"):
        verified(payload, at=NOON + 300)


@pytest.mark.parametrize(
    "changes",
    [
        {"expiresAt": int(NOON) + 10_000},
        {"cost": 0},
        {"keyPrefix": ""},
        {"keyLength": 1},
        {"algorithm": "SHA-256"},
        {"nonce": "00" * 16},
        {"extra": 1},
        {"__proto__": {}},
        {"keySignature": "00"},
    ],
)
def test_a_tampered_task_is_rejected(changes: dict[str, Any]) -> None:
    with pytest.raises(ProofRejected, match="not made for a challenge of this service"):
        verified(changed(solved(a_task()), **changes))


@pytest.mark.parametrize("expires_at", [None, "2100-01-01", [], 1e30, float("nan")])
def test_a_task_whose_expiry_was_replaced_is_rejected(expires_at: object) -> None:
    with pytest.raises(ProofRejected):
        verified(changed(solved(a_task()), expiresAt=expires_at))


def test_a_task_bound_to_this_decision_by_hand_is_rejected() -> None:
    payload = solved(a_task(decision_id="dec_2"))
    forged = changed(payload, data={"decision": "dec_1", "purpose": "signup"})
    with pytest.raises(ProofRejected, match="not made for a challenge of this service"):
        verified(forged)


@pytest.mark.parametrize("counter", [-1, 2**32, 1.5, True, "7", None, [], 10**300])
def test_a_wrong_solution_is_rejected(counter: object) -> None:
    sent = opened(solved(a_task()))
    sent["solution"]["counter"] = counter
    with pytest.raises(ProofRejected, match="does not solve"):
        verified(as_payload(sent))


def test_a_right_key_for_the_wrong_counter_is_rejected() -> None:
    sent = opened(solved(a_task()))
    sent["solution"]["derivedKey"] = "00" * 32
    with pytest.raises(ProofRejected, match="does not solve"):
        verified(as_payload(sent))


WRONG_SHAPES: list[object] = [
    None,
    7,
    "text",
    [],
    {},
    {"challenge": None, "solution": None},
    {"challenge": [], "solution": []},
    {"challenge": {"parameters": 5, "signature": "x"}, "solution": {}},
    {"challenge": {"parameters": {}, "signature": "x"}, "solution": {}},
    {"challenge": {"parameters": [["a"]], "signature": "x"}, "solution": {}},
]

MALFORMED = [
    "",
    "=",
    "not base64 at all!",
    "\u00e9",
    "\ud800",
    b64encode(b"\xff\xfe\x00").decode(),
    b64encode(b"[" * 3000).decode(),
    b64encode(b'{"challenge":').decode(),
    b64encode(b"9" * 3000).decode(),
    "A" * 4097,
    "A" * 10_000_000,
    *map(as_payload, WRONG_SHAPES),
]


@pytest.mark.parametrize("garbage", MALFORMED)
def test_garbage_is_rejected_and_raises_nothing_else(garbage: str) -> None:
    with pytest.raises(ProofRejected):
        verified(garbage)


@pytest.mark.parametrize("signature", [None, "", 5, [], ["x"], {}, "\ud800", "00" * 32])
def test_a_signature_that_is_not_ours_is_rejected(signature: object) -> None:
    sent = opened(solved(a_task()))
    sent["challenge"]["signature"] = signature
    with pytest.raises(ProofRejected, match="not made for a challenge of this service"):
        verified(as_payload(sent))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@given(name=st.sampled_from(["challenge", "solution", "parameters", "signature"]), value=JSON)
def test_no_part_replaced_by_any_json_is_accepted(name: str, value: object) -> None:
    sent = opened(solved(a_task()))
    (sent if name in {"challenge", "solution"} else sent["challenge"])[name] = value
    with pytest.raises(ProofRejected):
        verified(as_payload(sent))


def test_a_task_without_a_key_is_never_made() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        proof_of_work.challenge("dec_1", "signup", key=b"", at=NOON, lasts=300, cost=1)
