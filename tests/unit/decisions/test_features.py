"""Derived features are computed from the event alone, and only when somebody reads them."""

from typing import Any

import pytest

from safety.decisions.features import Deriver, derivable
from safety.domain.features import Source, Value
from tests.factories import NOW, a_catalogue

CATALOGUE = a_catalogue()


def derive(given: dict[str, Value], *wanted: str) -> dict[str, Value]:
    values = {"actor.id": "u_1", **given}
    Deriver(CATALOGUE, wanted).run(values, NOW)
    return values


@pytest.mark.parametrize(
    ("given", "feature", "value"),
    [
        ({"actor.created_at": NOW - 60}, "actor.account_age", 60.0),
        ({"actor.created_at": NOW + 60}, "actor.account_age", 0.0),
        ({"target.created_at": NOW - 5}, "target.age", 5.0),
        ({"actor.email": "Mia@Mail.Example.co.uk"}, "actor.email_domain", "example.co.uk"),
        ({"actor.email": "x@mailinator.com"}, "actor.email_disposable", True),
        ({"actor.email": "x@example.com"}, "actor.email_disposable", False),
        ({"actor.following": 90, "actor.followers": 0}, "actor.follow_ratio", 90.0),
        ({"actor.name": "bob123"}, "actor.name_digits", 0.5),
        ({"target.owner_id": "u_1", "target.id": "p"}, "target.is_own", True),
        ({"target.id": "u_2"}, "target.is_own", False),
        ({"content.text": "Hi @mia see #fun"}, "content.mentions", 1),
        ({"content.text": "Hi @mia see #fun"}, "content.hashtags", 1),
        ({"content.text": "two words"}, "content.words", 2),
        ({"content.text": "ABcd"}, "content.uppercase", 0.5),
        ({"content.text": "see www.shop.example.com/x"}, "content.link_domain", "example.com"),
        ({"content.text": "none"}, "content.links", 0),
        ({"content.text": "H\u0435llo"}, "content.text_folded", "hello"),
    ],
)
def test_a_feature_is_computed_from_the_event(
    given: dict[str, Any], feature: str, value: Value
) -> None:
    assert derive(given, feature)[feature] == value


@pytest.mark.parametrize(
    "feature",
    sorted(
        f.name
        for f in CATALOGUE.features.values()
        if f.source is Source.DERIVED and f.name != "event.time"  # every event has a time
    ),
)
def test_without_its_inputs_a_feature_is_missing(feature: str) -> None:
    assert feature not in derive({}, feature)


def test_the_same_text_has_the_same_fingerprint_however_it_is_disguised() -> None:
    plain = "Win a free phone today, visit our page and claim your prize number 1"
    disguised = "W\u0456n a FREE phone today, visit our page and claim your prize number 27"
    prints = [
        derive({"content.text": text}, "content.fingerprint")["content.fingerprint"]
        for text in (plain, disguised)
    ]
    assert prints[0] == prints[1]


def test_nothing_is_computed_that_nobody_reads() -> None:
    values = derive({"content.text": "a b c", "actor.name": "bob1"}, "actor.name_digits")
    assert "content.words" not in values


def test_the_catalogue_and_the_code_agree_on_what_is_derived() -> None:
    declared = {f.name for f in CATALOGUE.features.values() if f.source is Source.DERIVED}
    assert declared == derivable()


def test_stored_facts_stay_as_they_were() -> None:
    values: dict[str, Value] = {"actor.id": "u", "content.text": "a b c", "content.words": 99}
    Deriver(CATALOGUE, ["content.words", "content.length"]).run_missing(values, NOW)
    assert (values["content.words"], values["content.length"]) == (99, 5)
