"""Findings for machines: JSON, SARIF 2.1.0 for code scanning, and annotations for GitHub."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from safety.ruleset.codes import CODES
from safety.ruleset.findings import Finding, Place

Json = dict[str, Any]
Report = Callable[[Sequence[Finding], Path], str]
# GitHub shows this beside an alert, and takes no rule without it.
_HELP = '`{code}` is reported when {means}. See "Checking" in docs/rules.md for every code.'
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Sequence[Finding], _root: Path) -> str:
    """The findings as people read them, with the line and a caret."""
    return "\n\n".join(finding.render() for finding in findings)


def as_json(findings: Sequence[Finding], root: Path) -> str:
    """One object with a list of findings, flat and in order."""
    found = [
        {
            "code": finding.code,
            "level": finding.level.value,
            "message": finding.message,
            "hint": finding.hint,
            "file": _path(finding.place, root),
            "line": finding.place.line,
            "column": finding.place.column,
            "length": finding.place.length,
            "source": finding.place.source,
        }
        for finding in findings
    ]
    return json.dumps({"findings": found}, indent=2, ensure_ascii=False)


def as_sarif(findings: Sequence[Finding], root: Path) -> str:
    """A SARIF 2.1.0 log of one run; every code that occurs is described in it."""
    codes = sorted({finding.code for finding in findings})
    driver = {
        "name": "safety-gate rules",
        "rules": [_sarif_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, codes, root) for finding in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _sarif_rule(code: str) -> Json:
    known = CODES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": known.means},
        "fullDescription": {"text": f"Reported when {known.means}."},
        "help": {"text": _HELP.format(code=code, means=known.means)},
        "defaultConfiguration": {"level": known.level.value},
    }


def _sarif_result(finding: Finding, codes: list[str], root: Path) -> Json:
    place = finding.place
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + place.length,
        "snippet": {"text": place.source},
    }
    file = {"artifactLocation": {"uri": _uri(place, root)}, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.level.value,
        "message": {"text": text},
        "locations": [{"physicalLocation": file}],
    }


def as_annotations(findings: Sequence[Finding], root: Path) -> str:
    """One workflow command a line, as GitHub turns into notes beside the changed lines."""
    return "\n".join(_annotation(finding, root) for finding in findings)


def _annotation(finding: Finding, root: Path) -> str:
    place = finding.place
    told = {
        "file": _path(place, root),
        "line": place.line,
        "col": place.column,
        "endColumn": place.column + place.length,
        "title": finding.code,
    }
    options = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in told.items())
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    return f"::{finding.level} {options}::{_escaped(text)}"


def _escaped(text: str, also: str = "") -> str:
    """Percent-encoded where a workflow command would end or be cut."""
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + also else c for c in text)


def _path(place: Place, root: Path) -> str:
    """The file's path from `root`, or in full when it lies elsewhere."""
    if not place.path:
        return place.file
    path = Path(place.path).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _uri(place: Place, root: Path) -> str:
    path = Path(_path(place, root))
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


REPORTS: Mapping[str, Report] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_annotations,
}
