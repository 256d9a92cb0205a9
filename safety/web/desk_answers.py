"""How a form of the desk is answered: a person's browser is led on, the desk's script is told."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from safety.domain.access import StaffSession
from safety.domain.errors import InvalidInput, SafetyError
from safety.domain.queues import Filter
from safety.domain.reviews import Reviewer

_LONGEST_QUERY = 2000


def is_told(request: Request) -> bool:
    """Whether the desk's own script asks, which wants JSON."""
    return "application/json" in request.headers.get("accept", "")


def answer(request: Request, said: Mapping[str, Any], then: str) -> Response:
    """Tell the script, or lead the browser on."""
    return (
        JSONResponse(dict(said))
        if is_told(request)
        else RedirectResponse(then, HTTPStatus.SEE_OTHER)
    )


def refused(error: SafetyError, **more: object) -> Response:
    """Tell the script what was wrong, in a sentence for the person."""
    return JSONResponse({"problem": problem_of(error)} | more, HTTPStatus(error.status))


def problem_of(error: SafetyError) -> str:
    """What went wrong, with what is said about single fields."""
    told = " ".join(each.message for each in error.errors)
    return told if told and error.detail == error.title else error.detail


def who_is(session: StaffSession) -> Reviewer:
    """Whoever is signed in, as the review rooms know them."""
    return Reviewer(session.staff, session.member.role)


def view_of(query: str) -> Filter:
    """The filter in the query of an address of ours; one that cannot be read filters nothing."""
    try:
        return Filter.of(dict(parse_qsl(query[:_LONGEST_QUERY])))
    except (InvalidInput, ValueError):
        return Filter()


def with_query(path: str, view: Filter, **more: str) -> str:
    """A path with a filter and more in its query; empty texts are left out."""
    query = view.query() | {name: text for name, text in more.items() if text}
    return f"{path}?{urlencode(query)}" if query else path
