"""Which entries of lists decided: what the rules that fired found on the lists they read."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from safety.domain.features import Value, Values
from safety.domain.verdicts import Verdict
from safety.ruleset.bundle import Bundle
from safety.ruleset.functions import IPV6, IPV6_LINE, parse_network
from safety.ruleset.ir import Call, Expression, ListRef, Read, walk
from safety.ruleset.patterns import word_spans
from safety.text.links import registrable

_PLAIN = frozenset({"in", "overlaps"})
_WORDS, _RANGES = "contains_any", "ip_in"
_DOMAINS = ("domain", "domains")
_READING = _PLAIN | {_WORDS, _RANGES}

# function, feature, list
_Look = tuple[str, str, str]


class ListUse:
    """The lists that the rules of one bundle look values up in."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._looks: dict[str, tuple[_Look, ...]] = {}

    def readers(self, list_name: str) -> list[str]:
        """The rules that read a list, by id."""
        rules = (compiled.rule.id for compiled in self.bundle.compiled)
        return [rule for rule in rules if any(look[2] == list_name for look in self._of(rule))]

    def denying(self, feature: str) -> str:
        """A list whose rules stop whoever's feature is on it; empty if there is none."""
        found: dict[str, Verdict] = {}
        for compiled in self.bundle.compiled:
            for _, looked_at, name in self._of(compiled.rule.id):
                if _is_alike(looked_at, feature) and not compiled.rule.override:
                    found[name] = max(compiled.rule.verdict, found.get(name, Verdict.ALLOW))
        return max(sorted(found), key=lambda name: found[name], default="")

    def unfit(self, list_name: str, value: str) -> str:
        """Why a value could never be found by the rules that read the list; empty if it could."""
        looks = {
            (function, feature)
            for compiled in self.bundle.compiled
            for function, feature, name in self._of(compiled.rule.id)
            if name == list_name
        }
        if any(function == _RANGES for function, _ in looks) and parse_network(value) is None:
            return "this is no address and no range such as 203.0.113.0/24"
        domains = [feature for _, feature in looks if feature.endswith(_DOMAINS)]
        if len(domains) < len(looks) or not domains:
            return ""
        compared = registrable(value.lower())
        return "" if compared == value else f"rules compare `{compared}`: write it like that"

    def found(self, rule_id: str, values: Values) -> set[tuple[str, str]]:
        """The entries, as list and value, that a rule which fired found in these values."""
        return {
            (name, entry)
            for function, feature, name in self._of(rule_id)
            for entry in self._entries(function, name, values.get(feature))
        }

    def _entries(self, function: str, name: str, told: Value | None) -> Iterable[str]:
        listed = self.bundle.values_of_lists.get(name, frozenset())
        texts = (told,) if isinstance(told, str) else told if isinstance(told, tuple) else ()
        if function in _PLAIN:
            return (text for text in texts if text in listed)
        if function == _WORDS:
            return (entry for text in texts for entry in _words_in(listed, text))
        return (entry for text in texts for entry in _ranges_around(listed, text))

    def _of(self, rule_id: str) -> tuple[_Look, ...]:
        known = self._looks.get(rule_id)
        if known is None:
            lines = self.bundle.source(rule_id).when
            known = tuple(look for line in lines for look in _looks(line.expression))
            self._looks[rule_id] = known
        return known


def _is_alike(one: str, other: str) -> bool:
    """Whether two features hold the same kind of thing: a domain, and all domains of a text."""
    return one.removesuffix("s") == other.removesuffix("s")


def _looks(expression: Expression) -> Iterator[_Look]:
    for part in walk(expression):
        match part:
            case Call(function=function, arguments=(Read(name=feature), ListRef(name=name))):
                if function in _READING:
                    yield function, feature, name


def _words_in(listed: frozenset[str], text: str) -> set[str]:
    """The words of a list that a text holds, as the list writes them."""
    by_letters = _by_letters(listed)
    held = {text[start:end].casefold() for start, end in word_spans(listed, text)}
    return {by_letters[each] for each in held if each in by_letters}


def _ranges_around(listed: frozenset[str], address: str) -> set[str]:
    """The ranges of a list that an address lies in."""
    try:
        number = ip_address(address.partition("/")[0])
    except ValueError:
        return set()
    return {entry for network, entry in _networks(listed) if number in network}


@lru_cache(maxsize=64)
def _by_letters(listed: frozenset[str]) -> dict[str, str]:
    return {entry.casefold(): entry for entry in listed}


@lru_cache(maxsize=64)
def _networks(listed: frozenset[str]) -> tuple[tuple[IPv4Network | IPv6Network, str], ...]:
    """The ranges as rules read them: an IPv6 address stands for its whole line."""
    found = []
    for entry in sorted(listed):
        network = parse_network(entry)
        if network is not None and network.version == IPV6 and network.prefixlen > IPV6_LINE:
            network = network.supernet(new_prefix=IPV6_LINE)
        if network is not None:
            found.append((network, entry))
    return tuple(found)
