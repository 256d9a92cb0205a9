"""What travels of a page: as little as does the same."""

import pytest

from safety.web.desk_pages import _lean, counted, pages


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (1000, "1000"), (1001, "1000+"), (9999, "1000+")]
)
def test_nobody_counts_on_after_a_thousand(number: int, shown: str) -> None:
    assert counted(number) == shown


def test_a_style_sheet_travels_without_comments_and_spaces() -> None:
    sheet = b'/* Frame */\n.a :hover > b,\n.c { margin: 0 1px; content: "a b"; }\n'
    assert _lean("x.css", sheet) == b'.a :hover > b,.c{margin:0 1px;content:"a b";}'


def test_a_script_keeps_its_lines_and_addresses_and_loses_what_explains_it() -> None:
    script = b'// Why.\nconst home = "https://x"; // here\n\n  // Indented.\n  go(`a  b`);\n'
    assert _lean("x.js", script) == b'const home = "https://x"; // here\ngo(`a  b`);\n'


def test_what_is_neither_stays_as_it_is() -> None:
    assert _lean("x.svg", b"  // a\n") == b"  // a\n"


def test_what_somebody_wrote_keeps_its_indents() -> None:
    template = pages().templates.from_string("<pre>{{ text }}</pre>")
    assert template.render(text="a\n    b") == "<pre>a\n    b</pre>"
