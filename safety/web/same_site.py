"""Forms are taken from our own pages only."""

from urllib.parse import urlsplit

from fastapi import Request

from safety.domain.errors import Forbidden

_REFUSAL = "This form did not come from here. Nothing was done."
# Our pages tell nobody where somebody comes from, so that browsers hide the `Origin` of a form too.
_UNSAID = " Browsers say where a form is from over HTTPS and at localhost: open the page that way."


def own_forms_only(request: Request) -> None:
    """Raise `Forbidden` for a form of another site, and for one that does not say where it is from.

    `Sec-Fetch-Site` is set by the browser and out of reach of any page; browsers that do not send
    it send `Origin`.
    """
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and _is_own_origin(request)):
        return
    raise Forbidden(_REFUSAL if site is not None else _REFUSAL + _UNSAID)


def _is_own_origin(request: Request) -> bool:
    origin = urlsplit(request.headers.get("origin", ""))
    return origin.netloc != "" and origin.netloc == request.headers.get("host")
