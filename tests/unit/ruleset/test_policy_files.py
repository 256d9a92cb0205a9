"""policies.yaml: what is read of it, and what is wrong with a bad one."""

from pathlib import Path

import pytest

from safety.domain.policies import Rung, Weight
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle
from safety.ruleset.packed import pack, unpack
from tests.factories import NOW, a_rules_folder

POLICY = """
spam.commercial:
  title: Advertising
  text: Do not advertise.
  message: This looks like advertising.
"""


def loaded(tmp_path: Path, text: str) -> Bundle:
    site = tmp_path / "site"
    site.mkdir()
    (site / "policies.yaml").write_text(text)
    return load_bundle([a_rules_folder(tmp_path, ""), site], run_tests=False, at=NOW)


def test_a_policy_says_what_breaking_it_costs(tmp_path: Path) -> None:
    more = """  decided: We took it away.
  strike: {points: 2, for: 90d}
  macros: {first: "Hello {actor}"}
  veiled: true
"""
    policy = loaded(tmp_path, POLICY + more).policies["spam.commercial"]
    assert policy.strike == Weight(2, 90 * 86_400.0)
    assert policy.macros == {"first": "Hello {actor}"}
    assert policy.is_veiled
    assert policy.spoken == "We took it away."


def test_a_policy_needs_none_of_it(tmp_path: Path) -> None:
    policy = loaded(tmp_path, POLICY).policies["spam.commercial"]
    assert (policy.strike, dict(policy.macros), policy.is_veiled) == (None, {}, False)
    assert policy.spoken == policy.message


def test_strikes_add_up_to_steps_in_the_order_of_points(tmp_path: Path) -> None:
    steps = "strikes: [{points: 5, action: suspend, for: 1d}, {points: 2, action: warn}]"
    ladder = loaded(tmp_path, steps).catalogue.ladder
    assert ladder == (Rung(2, "warn"), Rung(5, "suspend", 86_400.0))


def test_policies_survive_being_packed(tmp_path: Path) -> None:
    steps = POLICY + "  strike: {points: 2, for: 90d}\nstrikes: [{points: 2, action: warn}]\n"
    bundle = loaded(tmp_path, steps)
    again = unpack(pack(bundle))
    assert again.policies == bundle.policies
    assert again.catalogue.ladder == bundle.catalogue.ladder


def test_what_strikes_cost_is_part_of_the_version(tmp_path: Path) -> None:
    one = loaded(tmp_path, "strikes: [{points: 2, action: warn}]").version
    (tmp_path / "site" / "policies.yaml").unlink()
    (tmp_path / "site").rmdir()
    assert loaded(tmp_path, "strikes: [{points: 3, action: warn}]").version != one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (POLICY + "  strike: {points: 0, for: 1d}", "whole number"),
        (POLICY + "  strike: {points: x, for: 1d}", "whole number"),
        (POLICY + "  strike: {points: 99999999999999999999, for: 1d}", "whole number"),
        (POLICY + "  strike: {points: 1}", "needs `for`"),
        (POLICY + "  strike: {points: 1, for: soon}", "length of time"),
        (POLICY + "  veiled: maybe", "true or false"),
        ("strikes: {points: 1}", "is a list"),
        ("strikes: [{points: 1}]", "needs `action`"),
        ("strikes: [{points: 1, action: ban}]", "not a step"),
        ("strikes: [{points: 1, action: limit}]", "needs `for`"),
    ],
)
def test_a_bad_one_is_refused_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RuleFileError, match=said):
        loaded(tmp_path, text)
