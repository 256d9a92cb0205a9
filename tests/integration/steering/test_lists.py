"""Lists at the desk: bulk, expiry, hits, and nothing that the rules could not be loaded with."""

import csv
from typing import Any

import pytest

from safety.decisions.steering.list_keeping import MOST_AT_ONCE, Addition
from safety.domain.errors import InvalidInput
from safety.store import rule_counts
from safety.store.engine import write
from tests.factories import NOW
from tests.steering_bench import Bench

DAY = 86_400.0
DOMAINS = "deny_domains"


def add(bench: Bench, lines: str, name: str = DOMAINS, **changes: Any) -> int:
    given: dict[str, Any] = {"reason": "wave", "author": "ana", "lasts": 7 * DAY}
    return bench.parts.lists.add(Addition(name, lines, **(given | changes)))


def values(bench: Bench, name: str = DOMAINS) -> dict[str, bool]:
    """What is on a list, and whether a file says so."""
    return {seen.entry.value: seen.is_from_file for seen in bench.parts.lists.entries(name)}


def test_values_are_added_by_the_line_with_their_own_end_and_source(bench: Bench) -> None:
    lines = "# a comment\nevil.com\n\nbad.org ; until=2027-01-31 ; source=abuse desk\r\nevil.com"
    assert add(bench, lines) == 2
    found = {seen.entry.value: seen.entry for seen in bench.parts.lists.entries(DOMAINS)}
    assert found["evil.com"].source == "wave (ana)"
    assert found["evil.com"].expires_at == NOW + 7 * DAY
    assert found["bad.org"].source == "abuse desk"
    assert found["bad.org"].expires_at == 1_801_440_000.0  # the end of that day
    bench.renew_lists()
    assert "evil.com" in bench.bundle.values_of_lists[DOMAINS]
    assert values(bench) == {
        "bad.org": False,
        "evil.com": False,
        "scam.example": True,
        "spam.example": True,
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "at least one"),
        ("x" * 501, "1 to 500"),
        ("evil.com ; ever=yes", "unknown option"),
        ("evil.com ; until=soon", "date"),
        ("evil.com ; until=2020-01-01", "past"),
        ("evil\u202e.com", "cannot be seen"),
        ("www.evil.co.uk", "`evil.co.uk`"),
        ("Evil.com", "`evil.com`"),
        ("\n".join(f"a{n}.com" for n in range(MOST_AT_ONCE + 1)), "At most"),
    ],
)
def test_a_line_that_cannot_be_adds_nothing_and_is_named(
    bench: Bench, lines: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        add(bench, f"fine.com\n{lines}" if lines and "\n" not in lines else lines)
    assert "fine.com" not in values(bench)


@pytest.mark.parametrize("name", ["Bad", "bad-name", "", "a" * 65, "../x"])
def test_a_list_has_a_name_that_rules_can_write(bench: Bench, name: str) -> None:
    with pytest.raises(InvalidInput):
        add(bench, "evil.com", name=name)


def test_nothing_is_added_without_a_reason(bench: Bench) -> None:
    with pytest.raises(InvalidInput):
        add(bench, "evil.com", reason=" ")


def test_what_was_added_is_removed_in_numbers_and_files_stay(bench: Bench) -> None:
    add(bench, "one.com\ntwo.com\nthree.com")
    keeping = bench.parts.lists
    assert keeping.remove(DOMAINS, ["one.com", "two.com", "spam.example"], author="ana") == 2
    assert set(values(bench)) == {"three.com", "spam.example", "scam.example"}
    # The version in force still has what was removed a moment ago; nobody is told otherwise.
    bench.renew_lists()
    keeping.remove(DOMAINS, ["three.com"], author="ana")
    assert "three.com" not in values(bench)


def test_hits_stand_beside_entries_and_go_with_them(bench: Bench) -> None:
    add(bench, "evil.com")
    with write(bench.engine) as connection:
        rule_counts.add_hits(connection, {(DOMAINS, "evil.com"): 3}, NOW - 5)
        rule_counts.add_hits(connection, {(DOMAINS, "evil.com"): 2}, NOW)
    (seen,) = bench.parts.lists.entries(DOMAINS, wanted="EVIL")
    assert (seen.hits, seen.last_at) == (5, NOW)
    (listed,) = [each for each in bench.parts.lists.all() if each.name == DOMAINS]
    assert (listed.hits, listed.added, listed.readers) == (5, 1, ["denied"])
    bench.parts.lists.remove(DOMAINS, ["evil.com"], author="ana")
    add(bench, "evil.com")
    (seen,) = bench.parts.lists.entries(DOMAINS, wanted="evil")
    assert seen.hits == 0


def test_an_export_is_a_file_that_can_be_imported_again(bench: Bench) -> None:
    add(bench, "evil.com\nbad.org ; until=2027-01-31 ; source=abuse desk")
    lines = "".join(bench.parts.lists.as_lines(DOMAINS))
    assert "bad.org ; until=2027-01-31 ; source=abuse desk\n" in lines
    bench.parts.lists.remove(DOMAINS, ["evil.com", "bad.org"], author="ana")
    add(bench, lines)
    assert {"evil.com", "bad.org"} <= set(values(bench))


def test_a_spreadsheet_finds_no_formula_in_an_export(bench: Bench) -> None:
    add(bench, "=HYPERLINK(1)\n-2+3", name="words", reason="@reason")
    rows = list(csv.reader(bench.parts.lists.as_csv("words")))
    assert {row[0] for row in rows[1:]} == {"'=HYPERLINK(1)", "'-2+3"}
    assert {row[1] for row in rows[1:]} == {"'@reason (ana)"}
