"""Labels in memory: what people wrote outlives a flood of what rules write."""

from safety.domain.labels import Label
from safety.state.labels import LabelBook


def a_label(value: str, author: str, name: str = "mark") -> Label:
    return Label(("actor.id", value), name, author, "because", 0.0)


def test_a_flood_of_rules_labels_does_not_push_out_a_persons() -> None:
    book = LabelBook(100)
    book.put("main", a_label("known", "ana", "banned"))
    for number in range(1_000):
        book.put("main", a_label(f"u{number}", "rule:burst"))
    assert len(book) == 100
    assert book.live("main", "actor.id", "known", 1.0) == ("banned",)
    assert book.live("main", "actor.id", "u999", 1.0) == ("mark",)


def test_even_only_peoples_labels_stay_within_the_bound() -> None:
    book = LabelBook(50)
    for number in range(500):
        book.put("main", a_label(f"u{number}", "ana"))
    assert len(book) == 50
    assert book.live("main", "actor.id", "u499", 1.0) == ("mark",)
