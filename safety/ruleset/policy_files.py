"""Reads policies.yaml: what is not allowed, what breaking it costs, and what strikes add up to."""

from safety.domain.policies import Ground, Policy, Rung, Weight
from safety.domain.reviews import Action
from safety.domain.statement_words import CATEGORIES, KEYWORDS
from safety.ruleset.findings import Findings
from safety.ruleset.nodes import Items, Node, Scalar, place_of
from safety.ruleset.reader import Reader

# Policies are named by their authors; this one name says what points of strikes add up to.
LADDER = "strikes"
_TEXTS = ("title", "text", "message")
_STEPS = {action.value: action for action in (Action.WARN, Action.LIMIT, Action.SUSPEND)}
_MOST_POINTS = 1000
_GROUND = ("category", "keywords", "law", "url", "commercial")
# The Commission's words as people write them: without what they begin with, in lower case.
_CATEGORIES = {word.removeprefix("STATEMENT_CATEGORY_").lower(): word for word in CATEGORIES}
_KEYWORDS = {word.removeprefix("KEYWORD_").lower(): word for word in KEYWORDS}


class PolicyFiles:
    """Gathers policies from several folders; a later folder's replaces an earlier one's by id."""

    def __init__(self, findings: Findings) -> None:
        self._reader = Reader(findings)
        self._findings = findings
        self.policies: dict[str, Policy] = {}
        self.ladder: tuple[Rung, ...] = ()

    def add(self, root: Node) -> None:
        """Take in one policies.yaml."""
        for key, node in self._reader.open_fields(root, "policies.yaml"):
            if key.text == LADDER:
                self.ladder = self._ladder(node)
            else:
                self.policies[key.text] = self._policy(key, node)

    def _policy(self, key: Scalar, node: Node) -> Policy:
        known = (*_TEXTS, "decided", "strike", "macros", "veiled", "ground")
        parts = self._reader.fields(node, "a policy", known)
        for name in _TEXTS:
            if name not in parts:
                self._findings.error("missing-key", f"a policy needs `{name}`", place_of(key))
        texts = {
            name: (self._reader.text(parts[name], name) or "") if name in parts else ""
            for name in _TEXTS
        }
        return Policy(
            key.text,
            **texts,
            decided=(self._reader.text(parts["decided"], "decided") or "")
            if "decided" in parts
            else "",
            strike=self._weight(parts["strike"]) if "strike" in parts else None,
            macros=self._macros(parts["macros"]) if "macros" in parts else {},
            is_veiled="veiled" in parts and self._reader.boolean(parts["veiled"], "veiled") is True,
            ground=self._ground(parts["ground"]) if "ground" in parts else Ground(),
        )

    def _macros(self, node: Node) -> dict[str, str]:
        fields = self._reader.open_fields(node, "macros")
        return {key.text: self._reader.text(part, "a macro") or "" for key, part in fields}

    def _ground(self, node: Node) -> Ground:
        """How statements of reasons class what breaks a policy."""
        parts = self._reader.fields(node, "a ground", _GROUND)
        category = None
        if "category" in parts:
            category = self._reader.choice(parts["category"], "category", _CATEGORIES)
        else:
            self._findings.error("missing-key", "a ground needs `category`", place_of(node))
        keywords = parts.get("keywords")
        words = keywords.items if isinstance(keywords, Items) else ()
        if keywords is not None and not isinstance(keywords, Items):
            self._reader.wrong(keywords, "keywords is a list such as [phishing]")
        found = [self._reader.choice(word, "keyword", _KEYWORDS) for word in words]
        texts = {
            name: self._reader.text(parts[name], name) or ""
            for name in ("law", "url")
            if name in parts
        }
        is_commercial = (
            "commercial" in parts
            and self._reader.boolean(parts["commercial"], "commercial") is True
        )
        chosen = {"category": category} if category else {}
        return Ground(
            **chosen,
            **texts,
            keywords=tuple(word for word in found if word),
            is_commercial=is_commercial,
        )

    def _weight(self, node: Node) -> Weight | None:
        parts = self._reader.fields(node, "a strike", ("points", "for"))
        points = self._points(parts, node)
        lasts = self._reader.duration(parts["for"], "for") if "for" in parts else None
        if "for" not in parts:
            self._findings.error("missing-key", "a strike needs `for`", place_of(node))
        return Weight(points, lasts) if points and lasts else None

    def _ladder(self, node: Node) -> tuple[Rung, ...]:
        if not isinstance(node, Items):
            self._reader.wrong(node, "strikes is a list such as [{points: 2, action: warn}]")
            return ()
        rungs = [rung for item in node.items if (rung := self._rung(item))]
        return tuple(sorted(rungs, key=lambda rung: rung.points))

    def _rung(self, node: Node) -> Rung | None:
        parts = self._reader.fields(node, "a step of strikes", ("points", "action", "for"))
        points = self._points(parts, node)
        action = (
            self._reader.choice(parts["action"], "step of strikes", _STEPS)
            if "action" in parts
            else None
        )
        if "action" not in parts:
            self._findings.error("missing-key", "a step needs `action`", place_of(node))
        lasts = self._reader.duration(parts["for"], "for") if "for" in parts else None
        if action is not None and action.restricts and lasts is None:
            self._reader.wrong(node, f"`{action.value}` needs `for`: how long it lasts")
            return None
        return Rung(points, action.value, lasts) if points and action else None

    def _points(self, parts: dict[str, Node], node: Node) -> int:
        text = self._reader.text(parts["points"], "points") if "points" in parts else None
        is_number = text is not None and text.isascii() and text.isdigit()
        if text is None or not is_number or not 1 <= int(text[:9]) <= _MOST_POINTS:
            self._reader.wrong(node, f"points is a whole number from 1 to {_MOST_POINTS}")
            return 0
        return int(text)
