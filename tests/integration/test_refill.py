"""A rule that counts knows what happened before it was written."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from safety.app.refill import Refill
from safety.decisions.prepared import Prepared
from safety.decisions.restore import restore
from safety.domain.features import Values
from safety.state.memory import MemoryCounters
from tests.factories import NOW, a_bundle
from tests.integration.training.decided import a_comment, store

RULE = """\
rule: counting
title: a title
owner: somebody
policy: spam.commercial
events: [comment]
when: '{when}'
then: {{verdict: hold}}
"""
PLAIN = RULE.format(when="content.links > 3")
BY_ACTOR = RULE.format(when='count("comment", by=actor.id, within="1h") > 9')
BY_DOMAIN = RULE.format(when='count("comment", by=content.link_domain, within="1h") > 9')


class House:
    """A process with a ledger, counters, and rules that change."""

    def __init__(self, engine: Engine, folder: Path, rules: str) -> None:
        self.engine, self.folder, self.at = engine, folder, NOW
        self.counters = MemoryCounters()
        self.use(rules)
        self.refill = Refill(engine, self.counters, lambda: self.prepared, lambda: self.at)
        self.refill.start()

    def use(self, rules: str) -> None:
        self.prepared = Prepared(a_bundle(self.folder, rules), ())

    def comment(self, *, ago: float = 0, text: str = "see http://shop.example/x") -> float | None:
        """Judge and keep a comment; what the rule's window said, if there is one."""
        at = self.at - ago
        entry = a_comment(at, ruleset=self.prepared.bundle.version, text=text)
        store(self.engine, entry)
        counting = self.prepared["comment"].plan.counting
        own = replace(counting, watch=None)
        values: Values = {"actor.id": "u_1", "content.link_domain": "shop.example"}
        return next(iter(self.counters.observe(entry.tenant, own, values, at).windows), None)


def test_a_new_window_counts_what_was_decided_before_it(engine: Engine, tmp_path: Path) -> None:
    house = House(engine, tmp_path, PLAIN)
    for minutes in (90, 50, 40, 1):  # the first is too long ago
        house.comment(ago=minutes * 60)
    house.use(BY_ACTOR)
    assert house.comment() == 1
    assert house.refill.look() == 4
    assert house.comment() == 5
    assert house.refill.look() == 0


def test_what_it_counts_by_is_derived_where_no_rule_had_read_it(
    engine: Engine, tmp_path: Path
) -> None:
    house = House(engine, tmp_path, BY_ACTOR)
    house.comment(ago=60)
    house.comment(ago=50, text="no link")
    house.use(BY_DOMAIN)
    house.refill.look()
    assert house.comment() == 2


def test_what_was_counted_already_is_not_counted_again(engine: Engine, tmp_path: Path) -> None:
    house = House(engine, tmp_path, BY_ACTOR)
    assert [house.comment(ago=ago) for ago in (50, 40)] == [1, 2]
    house.refill.look()
    house.at += 10
    house.use(PLAIN)
    house.refill.look()
    house.comment(ago=5)
    house.at += 10
    house.use(BY_ACTOR)
    assert house.comment() == 3
    house.refill.look()
    assert house.comment() == 5


def test_so_does_a_start_after_rules_have_changed(engine: Engine, tmp_path: Path) -> None:
    house = House(engine, tmp_path, BY_ACTOR)
    house.comment(ago=60)
    house.comment(ago=50, text="no link")
    house.use(BY_DOMAIN)
    house.counters = MemoryCounters()
    assert restore(engine, house.counters, house.prepared, house.at).decisions == 2
    assert house.comment() == 2
