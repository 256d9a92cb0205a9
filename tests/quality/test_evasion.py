"""The evasion suite: recall kept per attack is a floor, and harmless texts stay unflagged.

The attacks are those of the card. Every one but `paraphrase` has been trained against; what is
measured are texts that no training has seen.
"""

import pytest

from safety.text.fold import fold
from safety.training.texts import figures
from safety.training.texts.dataset import Row
from safety.training.texts.disguise import DISGUISES
from safety.training.texts.sources import Use
from safety.training.texts.tasks import TASKS
from tests.quality.text_data import card_of, first_stage, needs_data, served_card, unseen_rows

CLOSE = 0.03
FLOORS = {
    "spam": {
        "homoglyphs": 0.99, "zero width": 0.99, "font": 0.99, "combining": 0.99, "spaced": 0.99,
        "leet": 0.97, "links": 0.97, "emoji": 0.95, "punctuation": 0.96, "typos": 0.85,
        "mixed": 0.95, "padding": 0.65, "paraphrase": 0.90,
    },
    "abuse": {
        "homoglyphs": 0.97, "zero width": 0.97, "font": 0.96, "combining": 0.97, "spaced": 0.97,
        "leet": 0.89, "links": 0.97, "emoji": 0.95, "punctuation": 0.96, "typos": 0.84,
        "mixed": 0.87, "padding": 0.92, "paraphrase": 0.79,
    },
}  # fmt: skip
HARMLESS_WITH_LINK_AND_EMOJI = 0.02


def shipped_dev_rows(task: str) -> list[Row]:
    return [
        row
        for source in TASKS[task].sources
        if source.use is Use.SHIP
        for row in unseen_rows(source)
    ]


@needs_data
@pytest.mark.parametrize("task", TASKS)
def test_attacks_do_not_get_past_the_model(task: str) -> None:
    card = card_of(task)
    found = figures.evasion(
        first_stage(task), shipped_dev_rows(task), card.threshold, card.content["seed"]
    )
    kept = found["recall_kept"]
    assert set(kept) == set(FLOORS[task])
    assert {name: kept[name] for name in kept if kept[name] < FLOORS[task][name]} == {}
    assert found["negatives_with_link_and_emoji"] <= HARMLESS_WITH_LINK_AND_EMOJI
    assert kept == pytest.approx(card.content["evasion"]["recall_kept"], abs=CLOSE)


@pytest.mark.parametrize("task", TASKS)
def test_the_card_publishes_every_attack(task: str) -> None:
    for card in (card_of(task), served_card(task)):
        assert set(card.content["evasion"]["recall_kept"]) == {*DISGUISES, "paraphrase"}


@pytest.mark.parametrize(
    ("task", "plain"),
    [
        ("spam", "Get 5000 followers cheap at boost.example, message me on telegram"),
        ("abuse", "you are a pathetic idiot and nobody likes you"),
    ],
)
@pytest.mark.parametrize(
    "disguised",
    [
        lambda text: "".join(c + "\u200b" if c.isalpha() else c for c in text),
        lambda text: text.replace("o", "\u043e").replace("e", "\u0435").replace("a", "\u0430"),
        lambda text: "".join(c + "\u0336" if c.isalnum() else c for c in text),
        lambda text: "".join(chr(0x1D5EE + ord(c) - 97) if "a" <= c <= "z" else c for c in text),
    ],
    ids=["zero width", "look-alikes", "struck through", "a font"],
)
def test_what_folding_undoes_changes_the_score_by_nothing_but_the_disguise_itself(
    task: str, plain: str, disguised: object
) -> None:
    assert callable(disguised)
    hidden = str(disguised(plain))
    assert fold(hidden).text == fold(plain).text
    model = first_stage(task)
    before, after = model.score({"content.text": plain}), model.score({"content.text": hidden})
    assert before is not None
    assert after is not None
    assert after >= before - 0.1
