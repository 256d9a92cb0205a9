"""The constants and helpers that generated code may name."""

from collections.abc import Callable
from dataclasses import dataclass, field

from safety.ruleset.interpret import is_missing

# The names of a namespace, each with the key that says what it stands for.
Recipe = tuple[tuple[str, object], ...]
CONSTANT = "constant"


@dataclass(slots=True)
class Pool:
    """The objects that generated code may name."""

    namespace: dict[str, object] = field(default_factory=dict)
    _names: dict[object, str] = field(default_factory=dict)

    def name(self, value: object, key: object = None) -> str:
        """The name of a constant; equal keys share one."""
        identity = key if key is not None else (type(value), value)
        if identity not in self._names:
            self._names[identity] = f"k{len(self.namespace)}"
            self.namespace[self._names[identity]] = value
        return self._names[identity]

    @property
    def recipe(self) -> "Recipe":
        """What the namespace is made of: enough to make it again in another process."""
        return tuple((name, _described(key)) for key, name in self._names.items())


def _described(key: object) -> object:
    """A key without types in it. A constant's key is its type and itself."""
    if isinstance(key, tuple) and isinstance(key[0], type):
        return (CONSTANT, key[1])
    return key


def total(meaning: Callable[..., object], missing: object) -> Callable[..., object]:
    """A function that is `missing` as soon as one of its arguments is."""

    def guarded(*arguments: object) -> object:
        for argument in arguments:
            if is_missing(argument):
                return missing
        result = meaning(*arguments)
        return missing if result is None else result

    return guarded


def first_known(value: object, other: object) -> object:
    """The value, or the other one where it is missing."""
    return other if is_missing(value) else value
