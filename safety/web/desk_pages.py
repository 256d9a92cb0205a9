"""Pages of the desk: templates, how values are worded in them, and the static files they load.

Every text that reaches a page goes through `visible` first and is escaped after it, so that a
template cannot forget to.
"""

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from safety.assets import shipped
from safety.domain.features import Catalogue, Kind
from safety.review.queues import COUNTED
from safety.web.inert import tame, visible

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400
_UNITS = ((_YEAR, "y"), (_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))
# What each verdict meant for the person who wrote; moderators need to know who can see it now.
_VERDICT_WORDS = {
    "allow": "let through",
    "challenge": "challenged",
    "hold": "held back",
    "block": "blocked",
}
_GROUP = 4
_COMMENT_LINES = re.compile(rb"^[ \t]*(?://.*|/\*.*\*/[ \t]*)\n", re.MULTILINE)
_INDENTS = re.compile(rb"^[ \t]+|\n(?=\n)", re.MULTILINE)
_CSS_SPACES = re.compile(rb"\s*([{};,])\s*|(?<=:) ")
_TEMPLATE_INDENTS = re.compile(r"^[ \t]+", re.MULTILINE)
_ACTION_WORDS = {"keep": "kept", "remove": "removed"}


@dataclass(frozen=True, slots=True)
class Static:
    """One static file, read once."""

    content: bytes
    media_type: str
    packed: bytes = b""  # the same with gzip, where that is smaller


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates and static files of the desk. `version` is a hash over all static files."""

    templates: Environment
    files: Mapping[str, Static]
    version: str

    def render(
        self, template: str, context: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """Fill in a template."""
        html = self.templates.get_template(template).render(context)
        return HTMLResponse(html, status_code=status)


@cache
def pages() -> Pages:
    """The pages as shipped. They are part of the program and are read once."""
    folder = shipped("admin_ui")
    files = {
        path.name: _static(path.name, _lean(path.name, path.read_bytes()))
        for path in sorted((folder / "static").iterdir())
    }
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.content).digest())
    version = digest.hexdigest()[:12]
    templates = Environment(
        loader=_LeanLoader(folder / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(
        static=f"/desk/static/{version}",
        verdict_words=_VERDICT_WORDS,
        action_words=_ACTION_WORDS,
    )
    templates.filters.update(
        dict_json=dict_json,
        utc=utc,
        span=span,
        value=value,
        words=words,
        one_line=one_line,
        tame=tame,
        groups=groups,
        counted=counted,
    )
    return Pages(templates, MappingProxyType(files), version)


def _lean(name: str, content: bytes) -> bytes:
    """A file without comments and indents, which are for whoever changes it and not for travel."""
    if not name.endswith((".css", ".js")):
        return content
    lean = _INDENTS.sub(b"", _COMMENT_LINES.sub(b"", content))
    return _CSS_SPACES.sub(rb"\1", lean) if name.endswith(".css") else lean


class _LeanLoader(FileSystemLoader):
    """Loads templates without their indents; what is filled in keeps its own."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The source of a template, with as many lines as its file has."""
        source, path, is_fresh = super().get_source(environment, template)
        return _TEMPLATE_INDENTS.sub("", source), path, is_fresh


def _static(name: str, content: bytes) -> Static:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0)
    return Static(content, media_type, packed if len(packed) < len(content) else b"")


def dict_json(given: Mapping[str, str]) -> str:
    """A mapping as a script reads it from an attribute; what is hidden in it is made visible."""
    return json.dumps({name: visible(text) for name, text in given.items()})


def utc(at: float) -> str:
    """Unix seconds as `2026-11-20T09:30:00Z`."""
    return (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    )


def span(seconds: float) -> str:
    """A length of time in its largest whole unit: `3 h`. Nothing lasts less than a second."""
    left = max(1, int(seconds))
    size, unit = next(each for each in _UNITS if left >= each[0])
    return f"{left // size} {unit}"


def value(given: object, name: str = "", catalogue: Catalogue | None = None) -> str:
    """A feature's value in words a person reads; a missing one says so."""
    if given is None:
        return "missing"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, int | float):
        return _number(given, _kind(name, catalogue))
    if isinstance(given, list | tuple):
        return ", ".join(str(each) for each in given) or "none"
    return tame(given) if isinstance(given, str) and "://" in given else str(given)


def words(name: str) -> str:
    """A name from the code as words: `profile_update` is "profile update"."""
    return name.replace("_", " ")


def groups(text: str) -> str:
    """A text that people copy by hand, four characters at a time."""
    return " ".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def counted(number: int) -> str:
    """A number of items as it is told: nobody counts on after a thousand."""
    return f"{COUNTED}+" if number > COUNTED else str(number)


def one_line(text: str) -> str:
    """The text with every white space, line breaks included, as one space."""
    return " ".join(text.split())


def _number(given: float, kind: Kind | None) -> str:
    if kind is Kind.DURATION:
        return span(given)
    if kind is Kind.TIME:
        return utc(given)
    return f"{given:,}" if isinstance(given, int) else f"{given:,.4g}"


def _kind(name: str, catalogue: Catalogue | None) -> Kind | None:
    feature = catalogue.features.get(name) if catalogue else None
    return feature.kind if feature else None


def _finalize(given: object) -> object:
    """Runs over everything that a template prints, before it is escaped."""
    if isinstance(given, str) and not isinstance(given, Markup):
        return visible(given)
    return given
