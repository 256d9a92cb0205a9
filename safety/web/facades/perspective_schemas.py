"""The JSON of the Perspective Comment Analyzer, as its clients write and read it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_CAMEL = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid")
_LONGEST_TOKEN = 1024


class TextEntry(BaseModel):
    """A text."""

    model_config = _CAMEL

    text: str | None = Field(default=None, max_length=100_000)
    type: Literal["PLAIN_TEXT", "HTML", "TEXT_TYPE_UNSPECIFIED"] = "PLAIN_TEXT"


class AttributeParameters(BaseModel):
    """What is asked about one attribute."""

    model_config = _CAMEL

    score_type: Literal["PROBABILITY", "SCORE_TYPE_UNSPECIFIED"] = "PROBABILITY"
    score_threshold: float | None = Field(
        default=None, ge=0, le=1, description="leave the attribute out below this score"
    )


class AnalyzeIn(BaseModel):
    """A text to score and what for."""

    model_config = ConfigDict(
        **_CAMEL,
        json_schema_extra={
            "examples": [
                {
                    "comment": {"text": "what kind of idiot name is foo?"},
                    "requestedAttributes": {"TOXICITY": {}},
                    "languages": ["en"],
                }
            ]
        },
    )

    comment: TextEntry
    requested_attributes: dict[str, AttributeParameters] = Field(min_length=1, max_length=50)
    languages: list[str] = Field(default=[], max_length=10)
    span_annotations: bool = Field(default=False, description="score each sentence as well")
    do_not_store: bool = Field(default=False, description="accepted; nothing is ever stored")
    drop_unsupported_attributes: bool = False
    client_token: str | None = Field(default=None, max_length=_LONGEST_TOKEN)
    session_id: str | None = Field(default=None, max_length=_LONGEST_TOKEN)
    community_id: str | None = Field(default=None, max_length=_LONGEST_TOKEN)
    context: dict[str, Any] | None = Field(default=None, description="accepted and not read")


class Score(BaseModel):
    """A calibrated probability."""

    value: float
    type: Literal["PROBABILITY"] = "PROBABILITY"


class SpanScore(BaseModel):
    """The score of a part of the text; `begin` and `end` count characters."""

    begin: int
    end: int
    score: Score


class AttributeScores(BaseModel):
    """What one attribute got."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    span_scores: list[SpanScore]
    summary_score: Score


class AnalyzeOut(BaseModel):
    """The scores, by attribute."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    attribute_scores: dict[str, AttributeScores]
    languages: list[str]
    client_token: str | None = None


class GoogleError(BaseModel):
    """An error in Google's shape."""

    code: int
    message: str
    status: str
    details: list[dict[str, Any]] = []


class ErrorOut(BaseModel):
    """The whole answer of a request that went wrong."""

    error: GoogleError
