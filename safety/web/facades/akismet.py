"""`/1.1/comment-check` and its siblings, shaped like Akismet's.

Plug-ins of that service switch by changing its address. A comment becomes an event like any other:
rules, models, counters and the review desk see it; what a plug-in reports later becomes the
decision's outcome, which models learn from.
"""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from safety.decisions.ask import Answer
from safety.decisions.explain import Outcome
from safety.domain.access import ApiKey
from safety.domain.errors import (
    Forbidden,
    NotFound,
    SafetyError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from safety.domain.verdicts import Verdict
from safety.web.facades.akismet_form import Fields, FormFields, Submission
from safety.web.facades.keys import admitted
from safety.web.facades.scores import text_model
from safety.web.limits import Limits, seconds_to_wait, tell_quota
from safety.web.problems import for_the_caller_only
from safety.web.routes import CountedRoute, Handler
from safety.web.services import Services, ServicesDep

_THANKS: Final = "Thanks for making the web a better place."
_HELP: Final = "X-akismet-debug-help"
_GUID: Final = "X-akismet-guid"
_TIP: Final = "X-akismet-pro-tip"
_SPAM: Final = "spam"
_LONGEST_GUID: Final = 64


class AkismetRoute(CountedRoute):
    """A counted route whose answers are words, also when something expected goes wrong."""

    def get_route_handler(self) -> Handler:
        """Wrap the counted handler."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                answer = await inner(request)
            except RateLimitExceeded as error:
                answer = _wrong(TooManyRequests(retry_after=seconds_to_wait(error)))
            except (SafetyError, RequestValidationError, HTTPException) as error:
                answer = _wrong(error)
            tell_quota(request, answer)
            for_the_caller_only(answer)
            return answer

        return handle


def verify_key(request: Request, fields: FormFields, services: ServicesDep) -> Response:
    """Say `valid` or `invalid`: may this key check comments?"""
    _key(request, fields, services)
    return PlainTextResponse("valid")


def comment_check(request: Request, fields: FormFields, services: ServicesDep) -> Response:
    """Say `true` for spam, `false` for anything else."""
    key, submission = _key(request, fields, services), Submission(fields)
    if refusal := _refusal(submission):
        return refusal
    agreed = submission.agreed
    if agreed is not None:
        return _verdict(is_spam=agreed)
    model = text_model(services, _SPAM)
    if submission.is_test:
        return _verdict(is_spam=model.score(submission.text) >= model.threshold)
    event = submission.event(services.new_id("evt"))
    found = services.asking.decide(key.tenant, event)
    score = found.document["scores"].get(_SPAM, 0.0)
    # A plug-in cannot pose a challenge: whoever should prove something first waits for a person.
    is_spam = found.verdict is not Verdict.ALLOW or score >= model.threshold
    return _verdict(is_spam=is_spam, found=found)


def submit_spam(request: Request, fields: FormFields, services: ServicesDep) -> Response:
    """Take in that a comment was spam after all."""
    return _submitted(request, fields, services, Outcome.CONFIRMED_ABUSE)


def submit_ham(request: Request, fields: FormFields, services: ServicesDep) -> Response:
    """Take in that a comment was fine after all."""
    return _submitted(request, fields, services, Outcome.CONFIRMED_FINE)


def _submitted(request: Request, fields: Fields, services: Services, outcome: Outcome) -> Response:
    key, submission = _key(request, fields, services), Submission(fields)
    if refusal := _refusal(submission):
        return refusal
    if not submission.is_test:
        _report(services, key.tenant, submission, outcome)
    return PlainTextResponse(_THANKS)


def _report(services: Services, tenant: str, submission: Submission, outcome: Outcome) -> None:
    """Add the outcome to the decision that the plug-in names, or to a new one made of the form."""
    at, note = services.clock(), "reported by a plug-in"
    guid = submission.fields.get("guid", "")
    if 0 < len(guid) <= _LONGEST_GUID:
        try:
            services.explainer.add_outcome(tenant, guid, outcome, note, at, _SPAM)
        except NotFound:
            pass  # of another service, or erased since: the form says it all
        else:
            return
    event = submission.event(f"submitted-{submission.fingerprint()}")
    found = services.asking.decide(tenant, event)
    services.explainer.add_outcome(tenant, found.id, outcome, note, at, _SPAM)


def _key(request: Request, fields: Fields, services: Services) -> ApiKey:
    given = (fields.get("api_key"), fields.get("key"), request.headers.get("authorization"))
    return admitted(services, given)


def _refusal(submission: Submission) -> Response | None:
    missing = submission.missing()
    if missing is None:
        return None
    answer = PlainTextResponse(f"Missing required field: {missing}.")
    answer.headers[_HELP] = f'Empty "{missing}" value'
    return answer


def _verdict(*, is_spam: bool, found: Answer | None = None) -> Response:
    answer = PlainTextResponse("true" if is_spam else "false")
    if found is not None:
        answer.headers[_GUID] = found.id
        if found.verdict is Verdict.BLOCK:
            answer.headers[_TIP] = "discard"
    return answer


def _wrong(error: SafetyError | RequestValidationError | HTTPException) -> Response:
    """What a plug-in can make sense of: a word, and a header that says what to mend."""
    if isinstance(error, Unauthenticated | Forbidden):
        answer = PlainTextResponse("invalid")  # a 200, as plug-ins expect
        answer.headers[_HELP] = "We were unable to verify your API key"
        return answer
    status = HTTPStatus.BAD_REQUEST
    if isinstance(error, TooManyRequests | Unavailable):
        status = error.status
    answer = PlainTextResponse("error", status_code=status)
    answer.headers["X-akismet-error"] = str(int(status))
    answer.headers[_HELP] = error.title if isinstance(error, SafetyError) else "Malformed request"
    if isinstance(error, SafetyError) and error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def akismet_router(limits: Limits) -> APIRouter:
    """The four calls of a comment plug-in."""
    router = APIRouter(route_class=AkismetRoute)
    counted = limits.policy("facades")
    for path, endpoint in (
        ("verify-key", verify_key),
        ("comment-check", comment_check),
        ("submit-spam", submit_spam),
        ("submit-ham", submit_ham),
    ):
        router.post(
            f"/1.1/{path}",
            tags=["plug-ins"],
            response_class=PlainTextResponse,
            openapi_extra={"requestBody": _BODY},
            responses={
                400: {"description": "The form cannot be read."},
                429: {"description": "Too many requests; see Retry-After."},
                503: {"description": "Nothing was decided; see Retry-After."},
            },
        )(counted(endpoint))
    return router


_FIELDS: Final = {
    "api_key": "an API key with `texts:score` (`key` in verify-key)",
    "blog": "address of the site; required but in verify-key",
    "user_ip": "address of who wrote it; required but in verify-key",
    "user_agent": "what their browser calls itself",
    "permalink": "address of what is commented on",
    "comment_type": "comment, reply, forum-post, blog-post, message, contact-form, signup, ...",
    "comment_author": "their name",
    "comment_author_email": "their address",
    "comment_author_url": "the site they give",
    "comment_content": "what they wrote",
    "blog_lang": "language of the site",
    "user_role": "administrator is never spam",
    "is_test": "1 or true: answer, keep and learn nothing",
    "guid": "in submit-*: what X-akismet-guid said when the comment was checked",
}
_BODY: Final = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {
                    name: {"type": "string", "description": text} for name, text in _FIELDS.items()
                },
            }
        }
    },
}
