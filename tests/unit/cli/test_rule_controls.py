"""Controls from the command line: said, kept, shown, ended and audited."""

from pathlib import Path

from safety.store import audit
from safety.store.engine import open_engine, read
from tests.unit.cli.conftest import Command

RULE = "link-burst-new-account"


def trace(data_dir: Path) -> list[tuple[str, str, str]]:
    """What the audit log says was done to rules, newest first: action, subject, details."""
    engine = open_engine(f"sqlite:///{data_dir / 'safety.db'}")
    with read(engine) as connection:
        found = [e for e in audit.recent(connection) if e.action.startswith("rule.")]
    engine.dispose()
    return [(e.action, e.subject, e.details.decode()) for e in found]


def test_a_snooze_is_shown_with_its_end_and_its_reason(installed: Command, data_dir: Path) -> None:
    words = ("--entity", "actor.id=u_17", "--for", "7d", "--reason", "a journalist")
    assert f"{RULE} rests for actor.id=u_17" in installed("rules", "snooze", RULE, *words).out
    shown = installed("rules", "controls").out
    assert "actor.id=u_17" in shown
    assert "a journalist" in shown
    ((action, subject, details),) = trace(data_dir)
    assert (action, subject) == ("rule.snoozed", RULE)
    assert "a journalist" in details


def test_a_kill_switch_goes_off_and_on_again(installed: Command, data_dir: Path) -> None:
    assert installed("rules", "switch-off", RULE, "--reason", "hits everybody").code == 0
    assert "switched_off" in installed("rules", "controls").out
    assert "obeyed again" in installed("rules", "switch-on", RULE).out
    assert "switched_off" not in installed("rules", "controls").out
    assert [action for action, _, _ in trace(data_dir)] == ["rule.switched_on", "rule.switched_off"]
    assert installed("rules", "switch-on", RULE).code == 1


def test_a_kill_switch_is_for_one_thing(installed: Command) -> None:
    assert installed("rules", "switch-off", "--verdict", "block", "--reason", "x").code == 0
    assert installed("rules", "switch-off", "--owner", "trust-content", "--reason", "x").code == 0
    assert installed("rules", "switch-off", "--verdict", "allow", "--reason", "x").code == 2
    assert installed("rules", "switch-off", "--reason", "x").code == 2


def test_a_rule_that_does_not_exist_is_not_controlled(installed: Command) -> None:
    ended = installed("rules", "switch-off", f"{RULE}s", "--reason", "x")
    assert ended.code != 0
    assert f"did you mean `{RULE}`" in ended.err
    words = ("--entity", "actor.idd=u", "--for", "7d", "--reason", "x")
    assert "did you mean `actor.id`" in installed("rules", "snooze", RULE, *words).err


def test_what_is_resumed_is_left_alone_for_a_while(installed: Command, data_dir: Path) -> None:
    said = installed("rules", "resume", RULE, "--reason", "the test was ours", "--for", "2h").out
    assert f"leaves {RULE} alone until" in said
    assert "resumed" in installed("rules", "controls").out
    assert [action for action, _, _ in trace(data_dir)] == ["rule.left_alone"]
