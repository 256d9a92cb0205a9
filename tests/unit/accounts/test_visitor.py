"""A visitor is where a platform says that a user is, told apart from nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.accounts.visitor import Visitor
from safety.domain.errors import InvalidInput


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_is_an_address_or_is_refused(ip: str) -> None:
    try:
        visitor = Visitor(ip=ip)
    except InvalidInput:
        return
    assert visitor.subject


@pytest.mark.parametrize(
    "ip", ["", "1.2.3", "1.2.3.4:80", "1.2.3.4, 5.6.7.8", "\ud800", "x" * 9999]
)
def test_what_is_no_address_is_refused_by_its_field(ip: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Visitor(ip=ip)
    assert refused.value.errors[0].field == "context.ip"


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_what_an_owner_is_shown_of_a_browser_is_printable_and_short(agent: str) -> None:
    shown = Visitor(user_agent=agent).agent
    assert len(shown) <= 200
    assert shown.isprintable()
    shown.encode()


@pytest.mark.parametrize(
    ("ip", "subject"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, ""),
    ],
)
def test_an_address_counts_as_its_network(ip: str | None, subject: str) -> None:
    assert Visitor(ip=ip).subject == subject
