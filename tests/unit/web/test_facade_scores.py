"""What a card's languages mean for clients that name one, and what a form is as an event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.domain.features import Values
from safety.domain.ports import Contribution
from safety.web.facades.akismet_form import Submission
from safety.web.facades.scores import TextModel


class Never:
    """A model that has no opinion."""

    name, version = "spam", "1"

    def score(self, values: Values) -> float | None:
        """Nothing."""
        return None if set(values) == {"content.text"} else 1.0

    def explain(self, values: Values) -> tuple[Contribution, ...]:
        """Nothing."""
        assert values
        return ()


@pytest.mark.parametrize(
    ("languages", "asked", "speaks"),
    [
        ((), "sw", True),
        (("und",), "sw", True),
        (("en", "id"), "en", True),
        (("en", "id"), "en-GB", True),
        (("en", "id"), "EN", True),
        (("en", "id"), "de", False),
        (("en", "other"), "de", False),
        (("en", "other"), "other", False),
    ],
)
def test_a_card_that_names_languages_speaks_those(
    languages: tuple[str, ...], asked: str, speaks: bool
) -> None:
    assert TextModel(Never(), languages, 0.5).speaks(asked) is speaks


def test_a_text_without_anything_to_judge_scores_nothing() -> None:
    assert TextModel(Never(), (), 0.5).score("") == 0.0


FORM = {"blog": "https://blog.example/", "user_ip": "2001:db8::9"}


def test_a_guest_is_the_same_person_by_address_and_another_on_another_site() -> None:
    def actor(**fields: str) -> str:
        found: str = Submission(FORM | fields).event("e")["actor"]["id"]
        return found

    assert actor(comment_author_email="Mia@x.example") == actor(
        comment_author_email="mia@x.example"
    )
    assert actor(comment_author_email="mia@x.example") != actor(comment_author_email="bo@x.example")
    assert actor() != actor(blog="https://other.example/")
    assert actor(user_ID="7") == "blog.example-7"
    assert "mia" not in actor(comment_author_email="mia@x.example")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("comment", "comment"),
        ("", "comment"),
        ("trackback", "comment"),
        ("forum-post", "post"),
        ("contact-form", "message"),
        ("signup", "signup"),
        ("something new", "comment"),
    ],
)
def test_kinds_of_comment_become_event_types(said: str, kind: str) -> None:
    event = Submission(FORM | {"comment_type": said, "comment_content": "hi"}).event("e")
    assert event["type"] == kind
    assert ("content" in event) is (kind != "signup")


def test_the_site_an_author_gives_is_read_with_the_text() -> None:
    form = FORM | {"comment_content": "nice post", "comment_author_url": "https://shop.example"}
    event = Submission(form).event("e")
    assert event["content"]["text"] == "nice post\nhttps://shop.example"
    assert event["actor"]["has_link"] is True


@given(st.dictionaries(st.sampled_from([*FORM, "comment_content", "comment_author"]), st.text()))
def test_fingerprints_tell_submissions_apart_and_repeat_themselves(form: dict[str, str]) -> None:
    mark = Submission(form).fingerprint()
    assert mark == Submission(dict(form)).fingerprint()
    assert (
        mark
        != Submission(
            form | {"comment_content": form.get("comment_content", "") + "x"}
        ).fingerprint()
    )
