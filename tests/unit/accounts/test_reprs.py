"""What is written into a log by accident holds no secret: no value shows one when it is printed."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass

import safety.accounts
import safety.domain
import safety.gates
import safety.store

TEXTS = {"token", "secret", "csrf", "password", "password_hash", "hash", "code"}
BYTES = {"key", "audit_key", "pepper", "csrf", "token_hash", "secret_hash", "secret", "sealed"}


def every_field() -> Iterator[tuple[str, "Field[object]"]]:
    """All fields of all values in these rooms, with where they stand."""
    for room in (safety.accounts, safety.domain, safety.gates, safety.store):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, type) and is_dataclass(value):
                    for each in fields(value):
                        yield f"{value.__module__}.{value.__name__}.{each.name}", each


def is_secret(each: "Field[object]") -> bool:
    kinds: dict[object, set[str]]
    kinds = {str: TEXTS, str | None: TEXTS, bytes: BYTES, bytes | None: BYTES}
    return each.name in kinds.get(each.type, ())


def test_no_value_shows_a_secret_when_it_is_printed() -> None:
    shown = {place for place, each in every_field() if is_secret(each) and each.repr}
    assert shown == set()
