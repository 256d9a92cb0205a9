"""The gate by itself: CAPTCHAs and second factors for platforms with passwords of their own."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from safety.decisions.record import iso
from safety.domain.access import ApiKey
from safety.domain.errors import (
    AlreadyEnrolled,
    CodeRejected,
    InvalidInput,
    NotFound,
    Unavailable,
)
from safety.web.accounts_out import EnrolledOut, RecoveryCodesOut, TotpOut
from safety.web.api import ACCESS, BODY
from safety.web.callers import MayGate
from safety.web.gate_schemas import (
    CaptchaAnswerIn,
    CaptchaIn,
    CaptchaOut,
    CaptchaResultOut,
    CaptchaTaskOut,
    FactorOut,
    Subject,
    TotpCodeIn,
    TotpEnrolIn,
)
from safety.web.limits import Limits
from safety.web.problems import documented
from safety.web.routes import ApiRoute
from safety.web.services import ServicesDep

SubjectPath = Annotated[Subject, Path()]


def pose_captcha(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: CaptchaIn,
    key: MayGate,
    services: ServicesDep,
) -> CaptchaOut:
    """A CAPTCHA for a form of the platform's own."""
    at = services.clock()
    task = services.captchas.task(body.action, _bound(key, body.subject), at=at)
    return CaptchaOut(
        task=None if task is None else CaptchaTaskOut.model_validate(task),
        expires_at=iso(at + services.captchas.lasts),
    )


def verify_captcha(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: CaptchaAnswerIn,
    key: MayGate,
    services: ServicesDep,
) -> CaptchaResultOut:
    """How an answer to a CAPTCHA went. Each passes once."""
    subject = _bound(key, body.subject)
    return CaptchaResultOut.of(services.captchas.verify(body.action, subject, body.to_proof()))


def enrol(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: TotpEnrolIn,
    key: MayGate,
    services: ServicesDep,
) -> EnrolledOut:
    """Make a secret for somebody's authenticator app. It counts once a code has confirmed it."""
    return EnrolledOut.of(services.platform_factor.enrol(key.tenant, body.subject, body.name))


def confirm(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: TotpCodeIn,
    key: MayGate,
    services: ServicesDep,
) -> RecoveryCodesOut:
    """Confirm with a code of the app. The recovery codes are shown this once."""
    codes = services.platform_factor.confirm(
        key.tenant, body.subject, body.code, author=_author(key)
    )
    return RecoveryCodesOut(codes=codes)


def verify(
    request: Request,  # noqa: ARG001  the limiter reads it
    body: TotpCodeIn,
    key: MayGate,
    services: ServicesDep,
) -> FactorOut:
    """What a code proves. Each works once; five wrong ones in fifteen minutes are too many."""
    return FactorOut(factor=services.platform_factor.check(key.tenant, body.subject, body.code))


def status(
    request: Request,  # noqa: ARG001  the limiter reads it
    subject: SubjectPath,
    key: MayGate,
    services: ServicesDep,
) -> TotpOut:
    """Whether somebody has a second factor, and how many recovery codes are left."""
    return TotpOut.of(services.platform_factor.status(key.tenant, subject))


def remove(
    request: Request,  # noqa: ARG001  the limiter reads it
    subject: SubjectPath,
    key: MayGate,
    services: ServicesDep,
) -> None:
    """Remove somebody's second factor and recovery codes."""
    services.platform_factor.remove(key.tenant, subject, author=_author(key))


def regenerate(
    request: Request,  # noqa: ARG001  the limiter reads it
    subject: SubjectPath,
    key: MayGate,
    services: ServicesDep,
) -> RecoveryCodesOut:
    """Ten new recovery codes; the old ones are void."""
    codes = services.platform_factor.regenerate(key.tenant, subject, author=_author(key))
    return RecoveryCodesOut(codes=codes)


def _bound(key: ApiKey, subject: str) -> str:
    """One tenant's CAPTCHAs are worthless to another."""
    return f"{key.tenant}:{subject}"


def _author(key: ApiKey) -> str:
    return f"key:{key.id}"


def gate_router(limits: Limits) -> APIRouter:
    """`/v1/captchas` and `/v1/totp`."""
    router = APIRouter(prefix="/v1", tags=["gate"], route_class=ApiRoute)
    captcha, totp = limits.policy("gate.captcha"), limits.policy("gate.totp")
    asked = documented(*ACCESS, *BODY, Unavailable)
    coded = documented(*ACCESS, *BODY, CodeRejected, Unavailable)
    named = documented(*ACCESS, NotFound, InvalidInput, Unavailable)
    router.post("/captchas", responses=documented(*ACCESS, *BODY))(captcha(pose_captcha))
    router.post("/captchas/verify", responses=asked)(captcha(verify_captcha))
    router.post("/totp", responses=documented(*ACCESS, *BODY, AlreadyEnrolled, Unavailable))(
        totp(enrol)
    )
    router.post("/totp/confirm", responses=coded)(totp(confirm))
    router.post("/totp/verify", responses=coded)(totp(verify))
    router.get("/totp/{subject}", responses=documented(*ACCESS, InvalidInput, Unavailable))(
        totp(status)
    )
    router.delete("/totp/{subject}", status_code=HTTPStatus.NO_CONTENT, responses=named)(
        totp(remove)
    )
    router.post("/totp/{subject}/recovery-codes", responses=named)(totp(regenerate))
    return router
