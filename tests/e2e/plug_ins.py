"""Clients of other services, written from their public protocols: they know nothing of us.

Both are told an address and a key, which is what switching a plug-in means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.testclient import TestClient


class AkismetTrouble(Exception):
    """The service answered with neither of the two words."""


@dataclass(slots=True)
class Checked:
    """What a comment check came to."""

    is_spam: bool
    discard: bool
    guid: str


@dataclass(slots=True)
class AkismetClient:
    """Speaks version 1.1: forms in, words out, the rest in headers."""

    http: TestClient
    key: str
    blog: str = "https://blog.example/"

    def verify(self) -> bool:
        """Whether the key is good."""
        said, _ = self._post("verify-key", {"key": self.key, "blog": self.blog})
        return said == "valid"

    def check(self, **comment: str) -> Checked:
        """Whether a comment is spam."""
        said, headers = self._post("comment-check", self._with_key(comment))
        if said not in {"true", "false"}:
            raise AkismetTrouble(headers.get("x-akismet-debug-help", said))
        tip = headers.get("x-akismet-pro-tip") == "discard"
        return Checked(said == "true", tip, headers.get("x-akismet-guid", ""))

    def submit(self, kind: str, **comment: str) -> None:
        """Report a mistake, of kind `spam` or `ham`."""
        said, headers = self._post(f"submit-{kind}", self._with_key(comment))
        if said != "Thanks for making the web a better place.":
            raise AkismetTrouble(headers.get("x-akismet-debug-help", said))

    def _with_key(self, comment: Mapping[str, str]) -> dict[str, str]:
        return {"api_key": self.key, "blog": self.blog, "user_ip": "203.0.113.9"} | dict(comment)

    def _post(self, path: str, fields: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
        answer = self.http.post(
            f"/1.1/{path}",
            content=urlencode(fields),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "User-Agent": "WordPress/6.9 | Akismet/5.6",
            },
        )
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text, answer.headers


class PerspectiveError(Exception):
    """The analyzer refused; the parts are those of Google's error document."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.status: str = error["status"]
        self.kinds = [
            each.get("errorType") or each.get("reason") for each in error.get("details", [])
        ]


@dataclass(slots=True)
class PerspectiveClient:
    """Speaks v1alpha1: JSON in, attribute scores out, the key in the query."""

    http: TestClient
    key: str | None

    def analyze(self, text: str, *attributes: str, **more: Any) -> dict[str, Any]:
        """The whole response."""
        asked: dict[str, Any] = {name: {} for name in attributes or ("TOXICITY",)}
        body = {"comment": {"text": text}, "requestedAttributes": asked} | more
        query = {} if self.key is None else {"key": self.key}
        answer = self.http.post("/v1alpha1/comments:analyze", params=query, json=body)
        document: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            assert document["error"]["code"] == answer.status_code
            raise PerspectiveError(document["error"])
        return document | {"headers": answer.headers}

    def score(self, text: str, attribute: str, **more: Any) -> float:
        """The summary score of one attribute."""
        scores = self.analyze(text, attribute, **more)["attributeScores"][attribute]
        assert scores["summaryScore"]["type"] == "PROBABILITY"
        value: float = scores["summaryScore"]["value"]
        return value
