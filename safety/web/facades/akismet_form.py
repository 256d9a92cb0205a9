"""What a plug-in sends of a comment, as a form, and the event that it becomes here."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import ip_address
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from safety.domain.errors import InvalidInput, UnsupportedMedia

Json = dict[str, Any]
Fields = Mapping[str, str]

_FORM: Final = "application/x-www-form-urlencoded"
# Plug-ins send their server's variables along; nothing sensible has more fields.
_MOST_FIELDS: Final = 1_000
_LONGEST_TEXT: Final = 20_000
_LONGEST_NAME: Final = 1_024
_LONGEST_ID: Final = 256
_ID_BYTES: Final = 12
_EVENT_TYPES: Final[Mapping[str, str]] = {
    "forum-post": "post",
    "blog-post": "post",
    "message": "message",
    "contact-form": "message",
    "signup": "signup",
    "registration": "signup",
}
_ALWAYS_SPAM: Final = frozenset({"viagra-test-123", "akismet-guaranteed-spam"})
_SPAM_ADDRESS: Final = "akismet-guaranteed-spam@example.com"
# What makes two submissions the same one.
_NAMED_BY: Final = (
    "blog",
    "permalink",
    "comment_post_ID",
    "comment_type",
    "comment_author",
    "comment_author_email",
    "comment_author_url",
    "comment_content",
    "user_ip",
)
_TRUE: Final = frozenset({"1", "true", "yes"})


async def form_fields(request: Request) -> Fields:
    """The fields of the form in the body; of two equal names the first counts.

    Raises `UnsupportedMedia` for another kind of body, `InvalidInput` for too many fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    if raw and kind not in {_FORM, ""}:
        raise UnsupportedMedia
    try:
        pairs = parse_qsl(
            raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise InvalidInput(f"a form has at most {_MOST_FIELDS} fields") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value.replace("\0", "").strip())
    return fields


FormFields = Annotated[Fields, Depends(form_fields)]


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment as a plug-in describes it."""

    fields: Fields

    def missing(self) -> str | None:
        """The first of the required fields that is not there."""
        return next((each for each in ("blog", "user_ip") if not self.fields.get(each)), None)

    @property
    def is_test(self) -> bool:
        """Whether nothing may come of it: it is answered, and neither kept nor counted."""
        return self.fields.get("is_test", "").lower() in _TRUE

    @property
    def agreed(self) -> bool | None:
        """The answer that integrators' tests are promised: spam, not spam, or None for others."""
        author = self.fields.get("comment_author", "").lower()
        if author in _ALWAYS_SPAM or self.fields.get("comment_author_email") == _SPAM_ADDRESS:
            return True
        return False if self.fields.get("user_role") == "administrator" else None

    @property
    def text(self) -> str:
        """What was written; the address that the author gave for their site stands below it."""
        parts = (self.fields.get("comment_content", ""), self.fields.get("comment_author_url", ""))
        return "\n".join(part for part in parts if part)[:_LONGEST_TEXT]

    def fingerprint(self) -> str:
        """Names the same submission again, whoever repeats it."""
        return _hashed(*(self.fields.get(name, "") for name in _NAMED_BY))

    def event(self, event_id: str) -> Json:
        """The event that is decided."""
        fields = self.fields
        content: Json = {"text": self.text} if self.text else {}
        language = fields.get("blog_lang", "")
        if language and "," not in language and len(language) <= len("zh_Hant_TW"):
            content["language"] = language.replace("_", "-")
        event: Json = {
            "id": event_id,
            "type": _EVENT_TYPES.get(fields.get("comment_type", ""), "comment"),
            "actor": self._actor(),
            "net": self._net(),
        }
        if event["type"] != "signup":
            event["content"] = content
            event["target"] = self._target()
        return event

    def _actor(self) -> Json:
        fields = self.fields
        site = urlsplit(fields.get("blog", "")).hostname or ""
        number = fields.get("user_ID") or fields.get("user_id") or "0"
        known = fields.get("comment_author_email") or fields.get("user_ip", "")
        guest = f"guest-{_hashed(site, known.lower())}"
        actor: Json = {"id": guest if number == "0" else f"{site}-{number}"[:_LONGEST_ID]}
        for name, field in (("name", "comment_author"), ("email", "comment_author_email")):
            if fields.get(field):
                actor[name] = fields[field][:_LONGEST_NAME]
        if fields.get("comment_author_url"):
            actor["has_link"] = True
        return actor

    def _target(self) -> Json:
        page = self.fields.get("permalink") or self.fields.get("comment_post_ID")
        return {} if not page else {"id": page[:_LONGEST_ID], "kind": "post"}

    def _net(self) -> Json:
        net: Json = {}
        # A plug-in behind a proxy may send anything; the address is then unknown.
        with suppress(ValueError):
            net["ip"] = str(ip_address(self.fields.get("user_ip", "")))
        if self.fields.get("user_agent"):
            net["user_agent"] = self.fields["user_agent"][:_LONGEST_NAME]
        return net


def _hashed(*parts: str) -> str:
    """A short name for these texts; no part can pass for the end of another."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(joined.encode("utf-8", "replace"), digest_size=_ID_BYTES).hexdigest()
