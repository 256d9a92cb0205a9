"""Every code that a finding can carry, and what it means: the list that docs and machines read."""

from collections.abc import Mapping
from dataclasses import dataclass

from safety.ruleset.findings import Level


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. `means` completes "this is reported when ..."."""

    name: str
    level: Level
    means: str


_ERRORS = {
    "unknown-feature": "`features.yaml` declares no such feature, or it is not the kind needed",
    "unknown-list": "there is no `lists/<name>.txt` and nobody added to such a list",
    "unknown-label": "a label is read that nobody writes or declares, and another one is close",
    "unknown-function": "the language has no such function",
    "unknown-policy": "`policies.yaml` has no such policy",
    "unknown-event-type": "`features.yaml` declares no such event type",
    "unknown-verdict": "it is none of `allow`, `challenge`, `hold`, `block`",
    "unknown-challenge": "it is none of `proof_of_work`, `captcha`, `totp`",
    "unknown-severity": "it is none of `low`, `medium`, `high`, `critical`",
    "unknown-mode": "it is none of `off`, `shadow`, `canary`, `enforce`",
    "unknown-override": "only `override: allow` exists",
    "unknown-type": "a feature has a type that does not exist",
    "unknown-source": "a feature has a source that does not exist",
    "unknown-fail-policy": "it is none of `open`, `challenge`, `closed`",
    "unknown-key": "a mapping has a key that means nothing",
    "no-labels": "`x.has_label` of something that carries no labels",
    "type": "values that do not go together, both types named",
    "arguments": "a function is called with too few, too many or unfit arguments",
    "number": "a number that cannot be read, or is too large",
    "not-available": "an event type of the rule does not carry the feature, or not yet",
    "spelling": "a word or sign of another language: `&&`, `||`, `!`, `AND`, `=`, `=>`",
    "not-in-language": "something Python has and this language has not",
    "syntax": "brackets, quotes or words in the wrong place",
    "escape": 'a backslash in a text that is not written `r"..."`',
    "comment": "a `#` inside a condition",
    "adjacent-strings": "two texts side by side, with no comma",
    "pattern": "RE2 cannot read the pattern, or its gaps would be too costly",
    "scan-budget": "the patterns over one text take too long, as measured when they are loaded",
    "too-costly": "the rule's estimated cost is over the budget of one rule",
    "too-long": "a condition is longer than 2 KB",
    "too-deep": "brackets, or `let` names that stand for `let` names, are nested too deeply",
    "too-many-atoms": "the rule has more than 64 comparisons and tests",
    "too-many-windows": "the rule reads more than 8 windows",
    "window-too-long": "a window reaches back further than counts are kept",
    "limit-too-large": "a window would have to count too far",
    "too-large": "the file is larger than a file of rules may be",
    "yaml": "the file is not the plain part of YAML that is read here",
    "not-utf8": "the file is not UTF-8",
    "wrong-value": "a value of another shape than its key needs",
    "missing-key": "a key that must be there is not",
    "cut-short": "` #` ends a condition that goes on",
    "list-name": "a list's file has a name that rules could not write",
    "not-a-file": "a folder, a device or a broken link stands where a file is needed",
    "no-folder": "a folder of rules is not there",
    "rule-gone": "while the service runs: a rule in force is in no file any more",
    "duplicate-rule": "the id is used twice in one folder",
    "untested": "a live rule without a test that matches and one that does not",
    "red-test": "a test beside a rule fails",
    "too-many-errors": "there are more errors than are worth reading at once",
    "not-computed": "`features.yaml` declares a derived feature that nothing computes",
}
_WARNINGS = {
    "always-false": "the rule, or a part of it, can never be true",
    "always-true": "a line is true of every event that carries what it looks at",
    "subsumed": "another rule fires whenever this one does, and is at least as strict",
    "unused-let": "a `let` name is never used",
    "unwritten-label": "a label is read that no rule writes and `features.yaml` does not declare",
    "points-unused": "the rule brings points, and none of its event types counts points",
    "no-until": "the rule calls itself temporary and has no `until`",
    "expired": "`until` has passed: the rule does not fire any more",
    "long-shadow": "the rule has been in shadow for more than 30 days, by its `since`",
    "float-equality": "a number with a fraction is compared with `==` or `!=`",
    "never-matched": "in the figures of history that were given, the rule never matched",
    "matches-often": "there, it matched more than 1 % of its events or than its `max_match_rate`",
    "often-unknown": "there, it was unknown for more than 1 % of its events",
}

CODES: Mapping[str, Code] = {
    **{name: Code(name, Level.ERROR, means) for name, means in _ERRORS.items()},
    **{name: Code(name, Level.WARNING, means) for name, means in _WARNINGS.items()},
}


def codes_table() -> str:
    """All codes as a Markdown table, errors first."""
    rows = [f"| `{code.name}` | {code.level} | {code.means} |" for code in CODES.values()]
    return "\n".join(["| code | level | reported when |", "|---|---|---|", *rows])
