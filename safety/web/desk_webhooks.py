"""The page of webhooks: where messages go, what did not arrive, and sending it again."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from safety.web.desk_answers import who_is
from safety.web.desk_door import to
from safety.web.desk_frame import frame
from safety.web.desk_keys import Keeper, KeepersForm
from safety.web.desk_pages import pages
from safety.web.limits import Limits
from safety.web.me import Said
from safety.web.services import ServicesDep

_HOME = "/desk/webhooks"

MessageId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
TenantName = Annotated[str, Form(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]


def webhooks_page(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: Keeper,
    said: Said = "",
) -> Response:
    """Every receiver, what is late, and dead letters."""
    post = services.review.posting.overview()
    tenants = sorted({each.message.tenant for each in post.dead})
    context = frame(services, session, path=_HOME, said=said)
    return pages().render("webhooks.html", context | {"post": post, "tenants": tenants})


def resend(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    message_id: MessageId,
) -> Response:
    """Send one dead letter again."""
    services.review.posting.resend(message_id, who_is(session))
    return to(f"{_HOME}?said=resent")


def resend_all(
    request: Request,  # noqa: ARG001 -- the limiter reads it
    services: ServicesDep,
    session: KeepersForm,
    tenant: TenantName,
) -> Response:
    """Send every dead letter of a tenant again."""
    services.review.posting.resend_all(tenant, who_is(session))
    return to(f"{_HOME}?said=resent")


def add_webhooks(router: APIRouter, limits: Limits) -> None:
    """Put the page of webhooks under the desk."""
    router.get("/webhooks")(limits.policy("desk.page")(webhooks_page))
    router.post("/webhooks/resend")(limits.policy("desk.form")(resend_all))
    router.post("/webhooks/{message_id}/resend")(limits.policy("desk.form")(resend))
