"""The JSON of the API beside events, as the OpenAPI document shows it."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from safety.decisions.explain import Outcome
from safety.domain.challenges import ChallengeKind, Proof

VerdictWord = Literal["allow", "challenge", "hold", "block"]
FailPolicyWord = Literal["open", "challenge", "closed"]


EXAMPLE_ANSWER: dict[str, Any] = {
    "id": "dec_19f0c2a41b7c3d0a1b2c3d4e5",
    "event_id": "comment-501",
    "type": "comment",
    "verdict": "hold",
    "reasons": ["SPAM_SCORE"],
    "policy": "spam.commercial",
    "message": "This looks like advertising, so it is not published yet.",
    "challenge": None,
    "item": {"id": "itm_19f0c2a41b7c3d0a1b2c3d4e5", "queue": "content"},
    "retry_after": None,
    "scores": {"spam": 0.9967},
    "ruleset": "9f2c51d07a3e",
    "models": {"spam": "1"},
    "skipped": [],
    "degraded": [],
    "fail_policy": None,
    "stored": True,
    "decided_at": "2026-11-22T10:02:11.482Z",
    "took_ms": 0.8,
}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OutcomeIn(_In):
    """What came of a decision on the platform."""

    outcome: Outcome = Field(strict=False, description="one of the documented words")
    note: str = Field(default="", max_length=1000, pattern=r"^[^\x00]*$")
    model: str = Field(
        default="",
        max_length=64,
        pattern="^[a-z_]*$",
        description="the model that this teaches, such as `spam`; empty for whatever was cited",
    )


class ProofIn(_In):
    """The answer to a challenge: exactly one of the three, as its `kind` asks."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"payload": "eyJjaGFsbGVuZ2UiOnsicGFyYW1ldGVycyI6ey..."}]}
    )

    payload: str | None = Field(
        default=None, max_length=4096, description="what the ALTCHA solver returned (base64)"
    )
    token: str | None = Field(
        default=None, max_length=4096, description="what the hosted CAPTCHA's widget returned"
    )
    code: str | None = Field(
        default=None, max_length=64, description="a code of the actor's authenticator app"
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.payload, self.token, self.code)) != 1:
            raise ValueError("give exactly one of payload, token and code")
        return self

    def to_proof(self) -> Proof:
        """The same in the words of the house."""
        return Proof(self.payload, self.token, self.code)


class ItemRef(BaseModel):
    """The item that a moderator will look at."""

    id: str
    queue: str


class ChallengeOut(BaseModel):
    """A task for the actor. Solve it and post the answer to `proof_url`.

    Which fields are there depends on the kind.
    """

    kind: ChallengeKind
    altcha: dict[str, Any] | None = Field(
        default=None,
        description="the task in ALTCHA's format; beside a hosted CAPTCHA it stands in for it, and "
        "is accepted only while the provider is away",
    )
    provider: str | None = Field(default=None, description="who hosts the CAPTCHA")
    site_key: str | None = Field(default=None, description="what the provider's widget needs")
    action: str | None = Field(default=None, description="what the widget must be told")
    cdata: str | None = Field(default=None, description="what Turnstile's widget must be told")
    expires_at: str
    proof_url: str


class SkipOut(BaseModel):
    """A part that did not judge."""

    part: str
    why: Literal["deadline", "final_rule", "unavailable"]


class DecisionOut(BaseModel):
    """The answer to an event. A blocked event is a 200 whose verdict is `block`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ANSWER]})

    id: str
    event_id: str
    type: str
    verdict: VerdictWord = Field(description="what to do now")
    reasons: list[str] = Field(description="reason codes, the decisive one first")
    policy: str | None = Field(description="the published policy that the decisive rule cites")
    message: str | None = Field(description="safe to show to the user")
    challenge: ChallengeOut | None
    item: ItemRef | None = Field(description="set if a moderator will look at it")
    retry_after: float | None = Field(description="seconds until asking again makes sense")
    scores: dict[str, float] = Field(description="calibrated probabilities by model")
    ruleset: str = Field(description="version of the ruleset that judged")
    models: dict[str, str] = Field(description="versions of the models that are loaded")
    skipped: list[SkipOut] = Field(description="parts that did not judge")
    degraded: list[str] = Field(description="parts that were away")
    fail_policy: FailPolicyWord | None = Field(description="set if it joined the verdict")
    stored: bool = Field(description="whether asking again returns this answer")
    decided_at: str
    took_ms: float
    proved_at: str | None = Field(default=None, description="when the challenge was proved")


class ProblemOut(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] | None = Field(
        default=None, description="what is wrong with which field; never the value itself"
    )


class Refused(BaseModel):
    """One element of a batch that is not an event."""

    problem: ProblemOut


class BatchOut(BaseModel):
    """The answers to a batch, in its order."""

    decisions: list[DecisionOut | Refused]


class DecisionForUser(BaseModel):
    """What the affected user may read of a decision."""

    id: str
    event_id: str
    type: str
    verdict: VerdictWord
    policy: str | None
    message: str | None
    decided_at: str


class DecisionInFull(DecisionOut):
    """Everything behind a decision."""

    model_config = ConfigDict(json_schema_extra={})  # the example above is of the answer alone

    event: dict[str, Any] = Field(description="the event as it was sent")
    facts: dict[str, Any] = Field(description="every value that was computed, as it was then")
    signals: list[dict[str, Any]] = Field(
        description="every rule that fired with its lines, every score with its words"
    )
    why_not: list[dict[str, Any]] | None = Field(
        description="rules that did not fire, line by line; null if that ruleset is gone"
    )
    amendments: list[dict[str, Any]] = Field(description="what was added later, oldest first")
    shadow_scores: list[dict[str, Any]] = Field(
        description="what versions of models in shadow said; never part of the verdict"
    )
