"""A glance says in one line what an event is about."""

from hypothesis import given
from hypothesis import strategies as st

from safety.review.glance import glance, sent_values, written_text
from tests.desk_house import a_comment


def test_a_text_is_its_own_glance_on_one_line() -> None:
    assert glance(a_comment("two\n\nlines  here")) == "two lines here"


def test_an_event_without_text_tells_what_it_is_aimed_at_and_by_whom() -> None:
    event = a_comment(type="follow", content={}, target={"id": "u_9", "kind": "account"})
    assert glance(event) == "account u_9, dealz_4u, 203.0.113.9, NL"


def test_a_changed_profile_is_judged_by_its_bio() -> None:
    event = a_comment(type="profile_update", content={}, actor={"id": "u_1", "bio": "cheap pills"})
    assert written_text(event) == "cheap pills"


def test_the_sent_values_leave_out_the_text_and_keep_the_names_of_the_catalogue() -> None:
    names = [name for name, _ in sent_values(a_comment())]
    assert names[0] == "actor.id"
    assert "content.text" not in names
    assert "content.thread_id" in names


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["actor", "content", "target", "net", "x"]), JSON_VALUES))
def test_no_event_makes_a_glance_fail_or_grow(event: dict[str, object]) -> None:
    assert len(glance(event)) <= 240
    sent_values(event)
