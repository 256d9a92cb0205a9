"""The cookbook's recipes load over the shipped rules, make sense, and have tests that notice."""

import pytest

from docs.generate import DOCS, RECIPES
from safety.assets import shipped
from safety.ruleset.bundle import Bundle
from safety.ruleset.lint import lint
from safety.ruleset.load import load_bundle
from safety.ruleset.mutants import survey

AT = 1_790_000_000.0  # before the recipe for one attack ends


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle([shipped("rules"), DOCS / "recipes"], at=AT)


def test_there_are_twenty_recipes_each_with_its_text() -> None:
    assert len(RECIPES) == 20
    assert all(path.read_text("utf-8").startswith("# ") for path in RECIPES)


def test_no_recipe_brings_a_warning(bundle: Bundle) -> None:
    found = [f.render() for f in lint(bundle, at=AT) if f.place.file.startswith("recipes/")]
    assert found == []


def test_the_tests_of_recipes_notice_every_small_change(bundle: Bundle) -> None:
    unnoticed = {
        one.compiled.rule.id: one.survivors
        for one in survey(bundle)
        if one.compiled.rule.id.startswith("recipe-") and one.survivors
    }
    assert unnoticed == {}
