"""A browser's own claim, as its owner would name it."""

import pytest

from safety.web.agents import describe

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/150.0 Safari/537.36",
         "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/150.0 Safari/537.36 Edg/150.0",
         "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 16) {_WEBKIT} Chrome/150.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15",
         "Safari on macOS"),
        ("curl/8.5.0", "curl"),
        ("something (Linux)", "A browser on Linux"),
        ("", "An unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert describe(agent) == words
