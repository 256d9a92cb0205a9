"""Numbers that an operator may replace: whom forwarding headers are believed of, and all limits."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from limits import parse

from safety.accounts.gate_limits import GateLimits, Rate
from safety.config import ConfigurationError, Settings
from safety.gates.addresses import Proxies
from safety.web.limits import POLICIES, Limits
from safety.web.turns import Turns

GATE_RATES = tuple(field.name for field in fields(GateLimits) if field.type is Rate)


@dataclass(frozen=True, slots=True)
class Fences:
    """What stands in front of everything: counted by address, and by account and end user."""

    proxies: Proxies
    limits: Limits
    gate_limits: GateLimits


def build_fences(settings: Settings) -> Fences:
    """Read the settings. Raises `ConfigurationError` that names what to change."""
    try:
        proxies = Proxies(tuple(settings.trusted_proxies))
    except ValueError as error:
        raise ConfigurationError(f"SAFETY_TRUSTED_PROXIES: {error}") from None
    replaced = settings.limits
    if unknown := sorted(set(replaced) - set(POLICIES) - set(GATE_RATES)):
        known = ", ".join((*POLICIES, *GATE_RATES))
        raise ConfigurationError(
            f"SAFETY_LIMITS: there is no limit called {unknown[0]!r}; there are {known}"
        )
    try:
        by_address = {name: rate for name, rate in replaced.items() if name in POLICIES}
        limits = Limits(proxies, by_address, _turns(settings))
        gate_limits = replace(_gate_limits(replaced), longest_delay=settings.longest_delay_seconds)
        return Fences(proxies, limits, gate_limits)
    except ValueError as error:
        raise ConfigurationError(f"SAFETY_LIMITS: {error}") from None


def _turns(settings: Settings) -> Turns:
    """As many as are hashed at once, and as many again that read and write meanwhile."""
    at_once = 2 * settings.resolved_hashing_threads
    return Turns(at_once, settings.hashing_queue, settings.hashing_wait_seconds)


def _gate_limits(replaced: Mapping[str, str]) -> GateLimits:
    rates: dict[str, Any] = {
        name: _rate(name, text) for name, text in replaced.items() if name in GATE_RATES
    }
    return GateLimits(**rates)


def _rate(name: str, text: str) -> Rate:
    try:
        item = parse(text)
    except ValueError:
        raise ValueError(f"the limit {name!r} is no rate such as 10/15minute") from None
    return Rate(item.amount, float(item.get_expiry()))
