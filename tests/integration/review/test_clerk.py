"""The clerk: what is new gets a priority and its copies, what is late is raised, all is found."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from safety.domain.errors import NotFound
from safety.domain.policies import Rung
from safety.domain.queues import Filter, QueueSettings
from safety.domain.reviews import Act, Action, Band, Item
from safety.domain.verdicts import Severity, Verdict
from safety.review.values import Choice, Found
from safety.store import outbox, searching
from safety.store.engine import migrate, open_engine, read, write
from safety.store.erasure import erase_actor, scrub
from safety.store.tables import search_texts, sightings
from tests.desk_items import a_comment, a_model_signal, a_rule_signal, add_item
from tests.review_house import ANA, AUDIT_KEY, BEN, DAY, KEEPING, LEA, NOW, Core, removing

SPAM = "Buy 100 real followers for only $9.99 today, details at bit.ly/x{} @mia, hurry up"
ALL = Filter()


@pytest.fixture
def core(engine: Engine) -> Core:
    return Core(engine)


def item_of(core: Core, item_id: str) -> Item:
    return core.review.items.open(item_id, LEA).view.item


def written_by(
    actor: str, text: str = "lovely light in this one", **changes: object
) -> dict[str, object]:
    return a_comment(text, actor={"id": actor, "name": f"{actor}_name"}, **changes)


def search(core: Core, text: str, **options: object) -> Found:
    return core.review.search(text, ANA, **options)  # type: ignore[arg-type]  # as a page does


def actors(found: Found) -> list[str]:
    return [hit.actor_id for hit in found.hits]


def test_priority_is_harm_times_reach_times_confidence_and_says_so(core: Core) -> None:
    famous = a_comment(actor={"id": "u_1", "followers": 400_000})
    both = [a_rule_signal(severity="critical"), a_rule_signal(severity="high")]
    first = add_item(core.engine, famous, signals=both, severity=Severity.CRITICAL)
    quiet = add_item(core.engine, signals=[], severity=Severity.LOW)
    core.review.clerk.run()
    assert item_of(core, first).band is Band.CRITICAL
    assert item_of(core, quiet).band is Band.LOW
    why = {each.part: each for each in item_of(core, first).why}
    assert why["harm"].text == "critical: New account posts many links"
    assert why["reach"].text == "about 400,000 followers"
    assert why["confidence"].text == "2 rules"
    assert item_of(core, first).policy == "spam.commercial"


@pytest.mark.parametrize("part", ["severity", "followers", "rules"])
def test_more_of_anything_never_lowers_a_band(core: Core, part: str) -> None:
    bands = []
    for step in range(4):
        severity = list(Severity)[step] if part == "severity" else Severity.HIGH
        followers = 10 ** (2 * step) if part == "followers" else 0
        rules = [a_rule_signal()] * (step if part == "rules" else 1)
        event = a_comment(actor={"id": "u_1", "followers": followers})
        made = add_item(core.engine, event, signals=rules, severity=severity)
        core.review.clerk.run()
        bands.append(item_of(core, made).band)
    assert bands == sorted(bands)
    assert bands[0] < bands[-1]


def test_an_item_is_looked_at_by_the_time_that_its_queue_promises(core: Core) -> None:
    sla = {Band.LOW: DAY, Band.MEDIUM: 3600.0, Band.HIGH: 600.0, Band.CRITICAL: 60.0}
    core.review.queues.put(QueueSettings("content", sla=sla), LEA)
    made = add_item(core.engine, at=NOW)
    core.review.clerk.run()
    item = item_of(core, made)
    assert item.due_at == NOW + sla[item.band]


def test_an_item_that_is_late_is_raised_once(core: Core) -> None:
    made = add_item(core.engine, at=NOW)
    core.review.clerk.run()
    before = item_of(core, made)
    core.later(30 * DAY)
    core.later(30 * DAY)
    after = item_of(core, made)
    assert after.band is Band(before.band + 1)
    assert after.version == before.version
    assert [each.part for each in after.why] == ["harm", "reach", "confidence", "age"]
    assert [(each.waiting, each.late) for each in core.review.queues.overview(ANA)] == [(1, 1)]
    assert [row.item.id for row in core.review.queues.page(ANA, Filter(is_late=True)).rows] == [
        made
    ]


def test_near_copies_are_one_cluster_decided_at_once(core: Core) -> None:
    copies = [
        add_item(core.engine, written_by(f"u_{n}", SPAM.format(n)), at=NOW + n) for n in range(6)
    ]
    changed = SPAM.format(9).replace("hurry up", "limited offer")
    copies.append(add_item(core.engine, written_by("u_9", changed), at=NOW + 9))
    other = add_item(core.engine, written_by("u_10", "what a lovely photo of the old harbour"))
    core.review.clerk.run()
    cluster = core.review.items.cluster(copies[0], ANA)
    assert [row.item.id for row in cluster.rows] == copies
    assert (cluster.total, cluster.accounts) == (7, 7)
    assert core.review.items.open(copies[3], ANA).copies == 7
    assert core.review.items.cluster(other, ANA).total == 1
    core.review.bulk.decide([row.item.id for row in cluster.rows], removing(), ANA)
    assert [row.item.id for row in core.review.queues.page(ANA, ALL).rows] == [other]


def test_copies_of_other_tenants_and_short_texts_are_nobodys_cluster(core: Core) -> None:
    here = add_item(core.engine, written_by("u_1", SPAM))
    there = add_item(core.engine, written_by("u_2", SPAM), tenant="other")
    short = [add_item(core.engine, written_by(f"u_{n}", "nice one")) for n in (3, 4)]
    core.review.clerk.run()
    assert core.review.items.cluster(here, ANA).total == 1
    assert core.review.items.cluster(there, ANA).total == 1
    assert core.review.items.cluster(short[0], ANA).total == 0


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("203.0.113.77", "ip", ["u_2"]),
        ("ip:203.0.113.77", "ip", ["u_2"]),
        ("@u_2_name", "handle", ["u_2"]),
        ("U_2_Name", "handle", ["u_2"]),
        ("u_1", "actor", ["u_1"]),
        ("actor:u_1", "actor", ["u_1"]),
        ("bit.ly", "domain", ["u_2"]),
        ("https://bit.ly/other?x=1", "domain", ["u_2"]),
        ("device:d_7", "device", ["u_2"]),
        ("real followers", "text", ["u_2"]),
        ("f0llowers re", "text", ["u_2"]),
        ("text:lovely", "text", ["u_1"]),
        ("no such words", "text", []),
    ],
)
def test_a_search_finds_by_whatever_is_given(
    core: Core, text: str, kind: str, found: list[str]
) -> None:
    add_item(core.engine, written_by("u_1"), at=NOW - 900)
    event = written_by("u_2", SPAM, net={"ip": "203.0.113.77"}, device={"id": "d_7"})
    add_item(core.engine, event, is_flagged=False, at=NOW - 800)
    core.review.clerk.run()
    answer = search(core, text)
    assert (answer.kind, actors(answer)) == (kind, found)


def test_a_search_finds_ids_and_copied_texts(core: Core) -> None:
    made = add_item(core.engine, written_by("u_1", SPAM), at=NOW - 900)
    core.review.clerk.run()
    decided = core.review.resolving.decide(made, KEEPING, ANA).resolution
    mark = item_of(core, made).cluster
    for named in (made, decided.id, decided.decision_id, mark):
        (hit,) = search(core, named).hits
        assert hit.item_id == made


def test_a_search_goes_on_behind_a_page(core: Core) -> None:
    for number in range(5):
        add_item(core.engine, written_by("u_1", f"harbour light number {number}"), at=NOW - 99)
    core.review.clerk.run()
    first = search(core, "harbour light", limit=3)
    assert first.next_before is not None
    rest = search(core, "harbour light", limit=3, before=first.next_before)
    assert len({hit.decision_id for hit in (*first.hits, *rest.hits)}) == 5
    assert rest.next_before is None


def test_a_search_may_stay_with_one_tenant_and_names_no_hidden_item(core: Core) -> None:
    add_item(core.engine, written_by("u_1", SPAM), queue="minors", at=NOW - 99)
    add_item(core.engine, written_by("u_2", SPAM), tenant="other", at=NOW - 98)
    core.review.queues.put(QueueSettings("minors", members=frozenset({"ben"})), LEA)
    core.review.clerk.run()
    assert actors(search(core, "real followers", tenant="other")) == ["u_2"]
    (hit,) = search(core, "real followers", tenant="demo").hits
    assert hit.item_id is None
    assert core.review.search("real followers", BEN, tenant="demo").hits[0].item_id is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", '"', "*", "a OR b*", "NEAR(a b)", "words:x", "'; DROP TABLE items; --", "\x00",
        "&|!", "\ud800", "-", "ip:", "ip:x", "domain:", "hash:zz", "🦄" * 300, "x" * 5000, "a:b:c",
    ],
)  # fmt: skip
def test_no_search_breaks_anything(core: Core, text: str) -> None:
    add_item(core.engine, at=NOW - 99)
    core.review.clerk.run()
    assert isinstance(search(core, text).hits, tuple)


def test_what_was_indexed_once_is_not_indexed_again(core: Core) -> None:
    add_item(core.engine, written_by("u_1", SPAM), at=NOW - 99)
    core.review.clerk.run()
    core.review.clerk.run()
    with read(core.engine) as connection:
        assert connection.scalar(select(func.max(sightings.c.seen))) == 1
        assert searching.behind(connection, NOW) == 0


def test_old_texts_leave_the_index(core: Core) -> None:
    add_item(core.engine, written_by("u_1", SPAM), at=NOW - 91 * DAY)
    core.review.clerk.run()
    assert actors(search(core, "text:followers")) == ["u_1"]
    core.review.clerk.tidy()
    assert search(core, "text:followers").hits == ()


def test_no_word_of_an_erased_actor_stays_in_the_index(tmp_path: Path) -> None:
    core = Core(open_engine(f"sqlite:///{tmp_path / 'safety.db'}"))
    migrate(core.engine)
    for number in range(50):
        add_item(core.engine, written_by("u_1", f"Zwetschgenmus {number} xylophon"), at=NOW - 99)
        add_item(core.engine, written_by("u_2", f"harmless text number {number}"), at=NOW - 99)
    core.review.clerk.run()
    with write(core.engine) as connection:
        erase_actor(connection, "demo", "u_1", NOW, author="mo", audit_key=AUDIT_KEY, pseudonym="p")
    assert search(core, "zwetschgenmus").hits == ()
    core.review.clerk.tidy()
    assert scrub(core.engine)
    assert not [f for f in tmp_path.iterdir() if b"zwetschgenmus" in f.read_bytes().lower()]
    with read(core.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(search_texts)) == 50
    assert len(search(core, "harmless").hits) == 50
    core.engine.dispose()


def test_a_panel_shows_what_is_known_of_an_actor(core: Core) -> None:
    address = {"ip": "203.0.113.50"}
    add_item(core.engine, written_by("u_1", net=address), is_flagged=False, at=NOW - 9 * DAY)
    made = add_item(core.engine, written_by("u_1", SPAM, net=address), at=NOW - 99)
    add_item(core.engine, written_by("u_2", SPAM, net={"ip": "198.51.100.1"}), at=NOW - 98)
    add_item(core.engine, written_by("u_3", "nice one", net=address), at=NOW - 97)
    core.review.clerk.run()
    core.review.actors.note("demo", "u_1", "ring, see\x00 case 88", ANA)
    core.review.resolving.decide(made, removing("spam.scam"), BEN)
    core.later(60)
    panel = core.review.actors.panel("demo", "u_1", ANA)
    assert panel.name == "u_1_name"
    assert (panel.first_seen, panel.last_seen) == (NOW - 9 * DAY, NOW - 99)
    assert panel.counts == {Verdict.HOLD: 2}
    assert [label.name for label in panel.labels] == ["confirmed_spam"]
    assert (panel.points, panel.next_step) == (3, "limit at 4 points")
    assert [(note.author, note.text) for note in panel.notes] == [("ana", "ring, see case 88")]
    assert [(each.actor_id, each.kind, each.actors) for each in panel.linked] == [
        ("u_2", "content.fingerprint", 2),
        ("u_3", "net.ip", 2),
    ]
    assert [each.moderator for each in panel.resolutions] == ["ben"]


def test_nobody_has_heard_of_an_actor_without_a_decision(core: Core) -> None:
    with pytest.raises(NotFound):
        core.review.actors.panel("demo", "u_none", ANA)
    with pytest.raises(NotFound):
        core.review.actors.note("demo", "u_none", "hello", ANA)


def test_strikes_add_up_to_a_step_and_expire(core: Core) -> None:
    core.ladder = (Rung(2, "limit", 7 * DAY),)
    for _ in range(2):
        core.review.resolving.decide(add_item(core.engine), removing(), ANA)
        core.later(10)
    panel = core.review.actors.panel("demo", "u_17", ANA)
    assert panel.points == 2
    assert [(each.action, each.ends_at) for each in panel.restrictions] == [
        (Action.LIMIT, core.clock() + 7 * DAY)
    ]
    core.later(91 * DAY)
    assert core.review.actors.panel("demo", "u_17", ANA).points == 0


def test_a_step_adds_nothing_to_what_is_more_drastic_anyway(core: Core) -> None:
    core.ladder = (Rung(3, "limit", 7 * DAY),)
    acts = (Act(Action.SUSPEND, "spam.scam", lasts=DAY),)
    core.review.resolving.decide(add_item(core.engine), Choice(acts), ANA)
    core.later(10)
    panel = core.review.actors.panel("demo", "u_17", ANA)
    assert [each.action for each in panel.restrictions] == [Action.SUSPEND]


def test_a_restriction_that_is_over_is_told_once(core: Core) -> None:
    acts = (Act(Action.SUSPEND, "spam.scam", lasts=DAY),)
    core.review.resolving.decide(add_item(core.engine), Choice(acts), ANA)
    core.later(10)
    core.later(DAY)
    core.later(DAY)
    with read(core.engine) as connection:
        told = [each.kind for each in outbox.pending(connection)]
    assert told == ["item.resolved", "restriction.ended"]
    assert core.review.actors.panel("demo", "u_17", ANA).restrictions == ()


def test_a_model_that_is_sure_counts_more_than_one_rule(core: Core) -> None:
    made = add_item(core.engine, signals=[a_rule_signal(), a_model_signal()])
    core.review.clerk.run()
    why = {each.part: each for each in item_of(core, made).why}
    assert why["confidence"].text == "1 rule, spam 97%"
