"""Compiles and tests a ruleset in a child process, so that the service goes on meanwhile."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from math import ceil

import msgspec

from safety.domain.lists import ListEntry
from safety.ruleset.files import RuleFiles
from safety.ruleset.findings import RuleFileError
from safety.ruleset.packed import Pieces, pack
from safety.ruleset.trial import Trial, try_rule

_NICER = 5  # decisions go first where there are fewer cores than work


class NotBuiltError(Exception):
    """The ruleset cannot be built; the message says why, for those who may see rules."""


class Order(msgspec.Struct, frozen=True):
    """What the child is asked to build."""

    files: RuleFiles
    entries: dict[str, list[ListEntry]]
    at: float
    run_tests: bool
    seconds: float
    tried: str = ""  # try this rule out instead of building


class Delivery(msgspec.Struct, frozen=True):
    """What came of it: the ruleset in pieces, or what is wrong."""

    version: str = ""
    rules: int = 0
    pieces: Sequence[bytes] = ()
    trouble: str = ""
    trial: Trial | None = None


class Built(msgspec.Struct, frozen=True):
    """A ruleset that loads and whose tests are green, ready to be unpacked."""

    version: str
    rules: int
    pieces: Pieces


def build_apart(
    files: RuleFiles,
    entries: Mapping[str, Sequence[ListEntry]],
    *,
    at: float,
    seconds: float,
    run_tests: bool = True,
) -> Built:
    """Build in a child that ends within so many seconds. Raises `NotBuiltError`."""
    plain = {name: list(some) for name, some in entries.items()}
    delivery = _delivered(Order(files, plain, at, run_tests, seconds))
    return Built(delivery.version, delivery.rules, delivery.pieces)


def try_apart(
    files: RuleFiles,
    entries: Mapping[str, Sequence[ListEntry]],
    rule_id: str,
    *,
    at: float,
    seconds: float,
) -> Trial:
    """Try one rule out in such a child. Raises `NotBuiltError` when that takes too long."""
    plain = {name: list(some) for name, some in entries.items()}
    order = Order(files, plain, at, run_tests=False, seconds=seconds, tried=rule_id)
    delivery = _delivered(order)
    if delivery.trial is None:
        raise NotBuiltError("the rules cannot be tried")
    return delivery.trial


def _delivered(order: Order) -> Delivery:
    """What a child makes of an order. Raises `NotBuiltError`."""
    seconds = order.seconds
    try:
        done = subprocess.run(
            [sys.executable, "-m", "safety.ruleset.workshop"],
            input=msgspec.msgpack.encode(order),
            capture_output=True,
            timeout=seconds,
            check=True,
            env=child_environment(),
        )
        delivery = msgspec.msgpack.decode(done.stdout, type=Delivery)
    except subprocess.TimeoutExpired:
        message = f"the rules are not ready after {seconds:g} seconds; they take too long"
        raise NotBuiltError(message) from None
    except subprocess.CalledProcessError as error:
        message = f"the rules cannot be loaded: their process ended with {error.returncode}"
        raise NotBuiltError(message) from None
    except (OSError, msgspec.DecodeError) as error:
        message = f"the rules cannot be loaded: {type(error).__name__}"
        raise NotBuiltError(message) from None
    if delivery.trouble:
        raise NotBuiltError(delivery.trouble)
    return delivery


def child_environment() -> dict[str, str]:
    """Ours without settings: the child finds the same modules and knows no secrets."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SAFETY_")}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _work(order: Order) -> Delivery:
    try:
        if order.tried:
            return Delivery(trial=try_rule(order.files, order.entries, order.tried, at=order.at))
        bundle = order.files.load(order.entries, at=order.at, run_tests=order.run_tests)
    except RuleFileError as error:
        return Delivery(trouble=error.render())
    except Exception as fault:  # noqa: BLE001  whatever it is, it must not stay unseen
        return Delivery(trouble=f"the rules cannot be loaded: {type(fault).__name__}")
    return Delivery(bundle.version, len(bundle.rules), pack(bundle))


def _serve() -> None:
    """Read one order, write one delivery. A child whose parent is gone ends by itself."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    limit = ceil(order.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    os.nice(_NICER)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_work(order)))


if __name__ == "__main__":
    _serve()
