"""A model's page shows curves with their numbers beside them, and strangers' texts inert."""

from html.parser import HTMLParser

import pytest

from safety.training.curves import curve_chart
from safety.training.model_page import ModelReport, Slice, Table, inert, model_page

HOSTILE = '<script>alert(1)</script>\u202e"><img src=x onerror=1>\x00'


def a_report(texts: tuple[str, ...] = ("fine", "spam", HOSTILE, "ok")) -> ModelReport:
    return ModelReport(
        name="spam",
        version="7",
        summary="what it is for",
        threshold=0.9,
        false_positive_share=0.005,
        slices=[Slice("dev", "forum", [0, 1, 1, 0], [0.1, 0.95, 0.2, 0.97], texts)],
        tables=[Table("Left out", "a note", ["without", "AUC"], [("forum", "0.812")])],
        notes=["It misses irony."],
        facts={"licence": "Apache-2.0"},
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.loads += [name for name, _ in attrs if name in {"src", "href", "onerror", "onload"}]


def test_the_page_tells_figures_slices_errors_and_limits() -> None:
    page = model_page(a_report(), 1.8e9)
    for said in (
        "0.9000",
        "dev forum",
        "1 of 2 (50.0%)",
        "0.812",
        "It misses irony.",
        "2027-01-15",
    ):
        assert said in page
    # The miss with the lowest score and the false alarm with the highest come first.
    assert page.index("0.200") < page.index("Flagged wrongly, highest")
    assert page.count("<svg") == 3
    assert page.count("aria-label") == 3


def test_a_strangers_text_cannot_act_on_the_page() -> None:
    tags = Tags()
    page = model_page(a_report(), 1.8e9)
    tags.feed(page)
    assert not tags.names & {"script", "img", "iframe", "link"}
    assert tags.loads == []
    assert "\u202e" not in page
    assert "⟨U+202E⟩" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb", "a⟨U+000A⟩b"),
        ("\ud800", "⟨U+D800⟩"),
        ("x" * 300, "x" * 200 + "…"),
    ],
)
def test_what_would_not_be_seen_is_spelt_out(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_a_page_without_positives_has_no_curve_and_no_error() -> None:
    report = ModelReport("spam", "1", "", 0.5, 0.01, [Slice("dev", "ham", [0, 0], [0.1, 0.2])])
    assert "None." in model_page(report, 0.0)


def test_a_curve_stays_inside_its_frame() -> None:
    chart = curve_chart([(0.0, 1.0), (1.0, 0.0), (2.0, -1.0)], is_dotted=True, diagonal=True)
    for dot in chart.dots:
        assert chart.left <= dot.x <= chart.width
        assert 0 <= dot.y <= chart.height
    assert chart.diagonal
    assert len(chart.line.split()) == 3
