"""`POST /v1alpha1/comments:analyze`, shaped like the Perspective Comment Analyzer.

Clients of that service switch by changing its address: same path, same JSON, key in `?key=`. What
it scored with many models, two answer here, so what an attribute gets is told plainly: several
attributes are one and the same score.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from safety.web.facades.keys import admitted
from safety.web.facades.perspective_errors import (
    PerspectiveRoute,
    Refused,
    comment_empty,
    comment_too_long,
    language_not_supported,
    unknown_attribute,
)
from safety.web.facades.perspective_schemas import (
    AnalyzeIn,
    AnalyzeOut,
    AttributeScores,
    ErrorOut,
    Score,
    SpanScore,
)
from safety.web.facades.scores import TextModel, text_model
from safety.web.limits import Limits
from safety.web.services import Services, ServicesDep

# Bytes of a text, as the service that this stands in for had it.
LONGEST_TEXT: Final = 20_480
_MOST_SPANS: Final = 100
_ABUSE, _SPAM = "abuse", "spam"
# Which model answers. The abuse model does not tell kinds of abuse apart: all of these get the
# same score, and the answer's header says for which ones it is an approximation.
EXACT: Final[Mapping[str, str]] = MappingProxyType({"TOXICITY": _ABUSE, "SPAM": _SPAM})
APPROXIMATE: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"), _ABUSE)
)
_EXPERIMENTAL: Final = "_EXPERIMENTAL"
_SENTENCE: Final = re.compile(r"[^.!?\n]*[.!?\n]*")
_DIGITS: Final = 8


def analyze_comment(
    request: Request,
    answer: Response,
    body: AnalyzeIn,
    services: ServicesDep,
    key: Annotated[
        str | None, Query(max_length=512, description="an API key with `texts:score`")
    ] = None,
) -> AnalyzeOut:
    """Score a text, as clients of the Perspective Comment Analyzer ask. Nothing is stored."""
    headers = request.headers
    admitted(services, (key, headers.get("x-goog-api-key"), headers.get("authorization")))
    text = _text(body)
    wanted = dict(_wanted(services, body))
    scores = {
        name: _scored(model, text, is_split=body.span_annotations) for name, model in wanted.items()
    }
    approximate = sorted(name for name in wanted if _plain(name) in APPROXIMATE)
    if approximate:
        answer.headers["X-Safety-Gate-Approximate"] = ", ".join(approximate)
    return AnalyzeOut(
        attribute_scores={
            name: found
            for name, found in scores.items()
            if found.summary_score.value >= (body.requested_attributes[name].score_threshold or 0.0)
        },
        languages=body.languages or ["und"],
        client_token=body.client_token,
    )


def _text(body: AnalyzeIn) -> str:
    text = body.comment.text or ""
    if not text.strip():
        raise comment_empty()
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise comment_too_long()
    return text


def _wanted(services: Services, body: AnalyzeIn) -> Iterator[tuple[str, TextModel]]:
    """The attributes that can be answered, each with its model. Raises `Refused`."""
    for name in body.requested_attributes:
        try:
            yield name, _model(services, name, body.languages)
        except Refused:
            if not body.drop_unsupported_attributes:
                raise


def _model(services: Services, name: str, languages: Sequence[str]) -> TextModel:
    by = EXACT.get(_plain(name)) or APPROXIMATE.get(_plain(name))
    if by is None:
        raise unknown_attribute(name)
    model = text_model(services, by)
    strange = [each for each in languages if not model.speaks(each)]
    if strange:
        raise language_not_supported(name, strange)
    return model


def _plain(name: str) -> str:
    return name.removesuffix(_EXPERIMENTAL)


def _scored(model: TextModel, text: str, *, is_split: bool) -> AttributeScores:
    whole = _score(model, text)
    spans = [(0, len(text))]
    if is_split:
        spans = list(_sentences(text)) or spans
    return AttributeScores(
        summary_score=whole,
        span_scores=[
            SpanScore(
                begin=begin,
                end=end,
                score=whole if len(spans) == 1 else _score(model, text[begin:end]),
            )
            for begin, end in spans
        ],
    )


def _score(model: TextModel, text: str) -> Score:
    return Score(value=round(model.score(text), _DIGITS))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences are; what is left of a text with very many is the last one."""
    found = 0
    for match in _SENTENCE.finditer(text):
        if not match.group().strip():
            continue
        found += 1
        if found == _MOST_SPANS:
            yield match.start(), len(text)
            return
        yield match.span()


def perspective_router(limits: Limits) -> APIRouter:
    """The analyzer."""
    router = APIRouter(route_class=PerspectiveRoute)
    errors = {
        400: "The key, the JSON, an attribute or the language is not accepted.",
        403: "There is no key, or it may not score texts.",
        429: "Too many requests; see Retry-After.",
        503: "A model is away; see Retry-After.",
    }
    router.post(
        "/v1alpha1/comments:analyze",
        tags=["plug-ins"],
        response_model=AnalyzeOut,
        response_model_exclude_none=True,
        responses={
            status: {"model": ErrorOut, "description": text} for status, text in errors.items()
        },
    )(limits.policy("facades")(analyze_comment))
    return router
