"""The text of one rule among files, and small changes of it that keep the rest as it was."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from safety.ruleset.files import DESK, RuleFiles
from safety.ruleset.findings import Findings, RuleFileError
from safety.ruleset.nodes import Fields, Items, Node, Scalar, SourceFile, documents_of

_SPECIAL = frozenset({"features.yaml", "policies.yaml", "fixtures.yaml"})
_BREAK = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as it is written: its text, the file it stands in, and the line it begins at."""

    text: str
    file: str
    line: int
    is_of_desk: bool


def text_of(files: RuleFiles, rule_id: str) -> RuleText | None:
    """The text of the rule of this id that counts: the desk's, else the last folder's."""
    desk = dict(files.desk)
    if rule_id in desk:
        return RuleText(desk[rule_id], f"{DESK}/{rule_id}.yaml", 1, is_of_desk=True)
    return text_in_folders(files, rule_id)


def text_in_folders(files: RuleFiles, rule_id: str) -> RuleText | None:
    """What counts where the desk has no say."""
    is_it = re.compile(rf"^rule:[ \t]*([\"']?){re.escape(rule_id)}\1[ \t]*(?:#.*)?$", re.MULTILINE)
    for one in sorted(files.files, key=lambda each: (-each.folder, each.name)):
        if "/" in one.name or not one.name.endswith(".yaml") or one.name in _SPECIAL:
            continue
        content = one.content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        for text, line in _documents(content):
            if is_it.search(text):
                return RuleText(text, f"{files.folders[one.folder]}/{one.name}", line, False)
    return None


def with_rollout(text: str, rollout: Mapping[str, str]) -> str:
    """The rule with these keys in its `rollout`, its other keys kept.

    Raises `RuleFileError` for a text that is no mapping.
    """
    fields = _fields(text)
    node = dict(_named(fields)).get("rollout")
    kept = {}
    if isinstance(node, Fields):
        kept = {key.text: _raw(value) for key, value in node.entries}
    if rollout.get("mode") != "canary":
        for key in ("percent", "by"):
            kept.pop(key, None)
    told = ", ".join(f"{key}: {value}" for key, value in (kept | dict(rollout)).items())
    return _with_value(text, fields, "rollout", f"{{{told}}}", before="tests")


def with_test(text: str, test: str) -> str:
    """The rule with one more test, given as a flow mapping such as `{name: ..., expect: match}`.

    Raises `RuleFileError` for a text that is no mapping.
    """
    fields = _fields(text)
    tests = dict(_named(fields)).get("tests")
    if not isinstance(tests, Items) or not tests.items:
        item = f"\n{_INDENT}- {test}"
        return _with_value(text, fields, "tests", item.removeprefix(" "), before="")
    last = tests.items[-1]
    if text[tests.start] == "[":
        return f"{text[: last.end]}, {test}{text[last.end :]}"
    dash = text.rindex("-", 0, tests.items[0].start)
    indent = " " * (dash - (text.rfind("\n", 0, dash) + 1))
    end = _end_of_line(text, len(text[: last.end].rstrip()))
    return f"{text[:end]}\n{indent}- {test}{text[end:]}"


def _with_value(text: str, fields: Fields, name: str, value: str, *, before: str) -> str:
    """The text with a key of the rule set to a value, where it stands or in front of another."""
    named = {key.text: (key, node) for key, node in fields.entries}
    space = "" if value.startswith("\n") else " "
    if name in named:
        key, node = named[name]
        end = max(key.end + 1, key.end + len(text[key.end : node.end].rstrip()))
        return f"{text[: key.end]}:{space}{value}{text[end:]}"
    if before in named:
        at = named[before][0].start
        return f"{text[:at]}{name}:{space}{value}\n{text[at:]}"
    return f"{text.rstrip()}\n{name}:{space}{value}\n"


def _fields(text: str) -> Fields:
    """The mapping that a text with one rule is. Raises `RuleFileError`."""
    findings = Findings()
    source = SourceFile(f"{DESK}/rule.yaml", text)
    found = documents_of(source, findings)
    findings.raise_errors()
    if len(found) != 1 or not isinstance(found[0], Fields):
        findings.error("wrong-value", "this must be one rule, with its keys", source.place(0))
        findings.raise_errors()
    assert isinstance(found[0], Fields)  # noqa: S101  anything else was raised
    return found[0]


def _named(fields: Fields) -> Iterator[tuple[str, Node]]:
    for key, node in fields.entries:
        yield key.text, node


def _raw(node: Node) -> str:
    """A value as it stands in the text."""
    raw = node.source.text[node.start : node.end].strip()
    return raw if isinstance(node, Scalar) else " ".join(raw.split())


def _documents(content: str) -> Iterator[tuple[str, int]]:
    """The documents of a file, each with the number of its first line."""
    start = 0
    for found in [*_BREAK.finditer(content), None]:
        end = len(content) if found is None else found.start()
        text = content[start:end]
        stripped = text.lstrip("\n")
        if stripped.strip():
            skipped = start + len(text) - len(stripped)
            yield stripped.rstrip() + "\n", content.count("\n", 0, skipped) + 1
        if found is not None:
            start = min(found.end() + 1, len(content))


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


__all__ = ["RuleFileError", "RuleText", "text_in_folders", "text_of", "with_rollout", "with_test"]
