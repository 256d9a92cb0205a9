"""Expected errors. Each knows its problem type and status (RFC 9457); web renders them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of the input. It never repeats the value that was given."""

    field: str
    message: str


class SafetyError(Exception):
    """Something expected went wrong."""

    slug: ClassVar[str] = "error"
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(self.detail)

    @property
    def title(self) -> str:
        """The first sentence of the class's docstring."""
        return (type(self).__doc__ or "").strip().split("\n")[0]


class MalformedBody(SafetyError):
    """The body is not well-formed JSON in UTF-8."""

    slug = "malformed-body"
    status = HTTPStatus.BAD_REQUEST


class InvalidInput(SafetyError):
    """The input does not have the shape that is documented."""

    slug = "invalid-input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class BodyTooLarge(SafetyError):
    """The body is larger than this endpoint accepts."""

    slug = "body-too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMedia(SafetyError):
    """The body must be sent as application/json."""

    slug = "unsupported-media-type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Unauthenticated(SafetyError):
    """A valid API key or session is needed."""

    slug = "unauthenticated"
    status = HTTPStatus.UNAUTHORIZED


class Forbidden(SafetyError):
    """This caller may not do that."""

    slug = "forbidden"
    status = HTTPStatus.FORBIDDEN


class NotFound(SafetyError):
    """There is nothing here that this caller may see."""

    slug = "not-found"
    status = HTTPStatus.NOT_FOUND


class EventIdReused(SafetyError):
    """This event id already names another event."""

    slug = "event-id-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class StillDeciding(SafetyError):
    """The same event is being decided right now."""

    slug = "still-deciding"
    status = HTTPStatus.CONFLICT


class ProofRejected(SafetyError):
    """The proof does not answer this decision's challenge."""

    slug = "proof-rejected"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ItemAlreadyResolved(SafetyError):
    """Somebody has already resolved this item."""

    slug = "item-already-resolved"
    status = HTTPStatus.CONFLICT


class ItemClaimed(SafetyError):
    """Somebody else has this item on their desk."""

    slug = "item-claimed"
    status = HTTPStatus.CONFLICT


class UndoTooLate(SafetyError):
    """This has taken effect: it can be reversed, but not undone."""

    slug = "undo-too-late"
    status = HTTPStatus.CONFLICT


class InvalidCredentials(SafetyError):
    """The name or the password is not right, or this account cannot be signed in to."""

    slug = "invalid-credentials"
    status = HTTPStatus.UNAUTHORIZED


class CodeRejected(SafetyError):
    """The code is not right, or was used before."""

    slug = "code-rejected"
    status = HTTPStatus.UNAUTHORIZED


class SessionEnded(SafetyError):
    """There is no such session, or it has ended."""

    slug = "session-ended"
    status = HTTPStatus.UNAUTHORIZED


class StepUpNeeded(SafetyError):
    """This needs a factor that was proved a moment ago."""

    slug = "step-up-needed"
    status = HTTPStatus.FORBIDDEN


class TokenRejected(SafetyError):
    """This one-time token is unknown, too old or was used before."""

    slug = "token-rejected"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class UnknownMember(NotFound):
    """There is no such member of the staff."""

    slug = "unknown-member"


class LastAdmin(SafetyError):
    """Nobody else is an admin here: make somebody else one first. Nothing was done."""

    slug = "last-admin"
    status = HTTPStatus.CONFLICT


class NameTaken(SafetyError):
    """This username, or one that looks like it, is taken."""

    slug = "name-taken"
    status = HTTPStatus.CONFLICT


class WeakPassword(SafetyError):
    """This password is too easy to guess."""

    slug = "weak-password"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class CaptchaRejected(SafetyError):
    """The CAPTCHA was not solved."""

    slug = "captcha-rejected"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class AlreadyEnrolled(SafetyError):
    """A second factor is already enrolled here."""

    slug = "already-enrolled"
    status = HTTPStatus.CONFLICT


class NothingToAppeal(SafetyError):
    """Nothing was taken away here, or it was given back."""

    slug = "nothing-to-appeal"
    status = HTTPStatus.CONFLICT


class TooLateToAppeal(SafetyError):
    """The time to appeal against this is over."""

    slug = "too-late-to-appeal"
    status = HTTPStatus.CONFLICT


class RulesRefused(SafetyError):
    """The rule files cannot be put in force."""

    slug = "rules-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequests(SafetyError):
    """Too many requests of this kind were made."""

    slug = "quota-exceeded"
    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(SafetyError):
    """A part that this answer needs is away for the moment."""

    slug = "unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class PromotionRefused(SafetyError):
    """This version is not shown to be as good as the live one."""

    slug = "promotion-refused"
    status = HTTPStatus.CONFLICT


class ModelUnusable(SafetyError):
    """This version of the model cannot be used here."""

    slug = "model-unusable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
