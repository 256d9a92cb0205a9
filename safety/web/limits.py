"""Limits: how often one address may ask for what, in one table, counted over slowapi's limiter."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from fastapi import Request, Response
from limits import RateLimitItem, parse
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded

from safety.domain.errors import TooManyRequests
from safety.gates.addresses import Proxies, subject_of, wider_subject_of
from safety.gates.windows import WindowStorage
from safety.web.addresses import client_address
from safety.web.turns import Turns


@dataclass(frozen=True, slots=True)
class Policy:
    """How often; `why` says what the number protects and whom it must not hurt.

    `is_told`: whether answers name the policy and what is left of it. Where secrets are guessed,
    nobody is helped to pace themselves. `hashes`: whether a password may be hashed, so that its
    requests wait for a turn.
    """

    rate: str
    why: str
    is_told: bool = True
    hashes: bool = False


_PLATFORM = "a platform's servers share one address: room for a large site, an end for a loop"
_GUESSES = "every request may be a guess; what one user may try is counted apart, and much lower"
_PERSON = "one person with a browser, or a few behind one address"

# Each counts the requests of one address (an IPv6 /64), well-formed or not, allowed or not. Users
# behind a platform are counted by their own addresses, by account and in all (docs/accounts.md).
POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "all": Policy("120000/minute", "a ceiling over everything below together"),
        "health": Policy("1200/minute", "load balancers ask every second or so"),
        "metrics": Policy("120/minute", "a scraper asks every few seconds"),
        "decisions": Policy("60000/minute", _PLATFORM),
        "facades": Policy("60000/minute", _PLATFORM),
        "notices": Policy("6000/minute", _PLATFORM),
        "rules": Policy("60/minute", "each may compile every rule; a person or a script asks"),
        "accounts.sign_up": Policy("600/minute", _PLATFORM, is_told=False, hashes=True),
        "accounts.sign_in": Policy("1200/minute", _GUESSES, is_told=False, hashes=True),
        "accounts.code": Policy("1200/minute", _GUESSES, is_told=False, hashes=True),
        "accounts.reset": Policy("600/minute", _GUESSES, is_told=False, hashes=True),
        "accounts.password": Policy(
            "1200/minute", "each costs a strength estimate or a hash", hashes=True
        ),
        "accounts.session": Policy("60000/minute", "platforms ask on each page that a user opens"),
        "accounts.own": Policy("1200/minute", _PLATFORM),
        "accounts.manage": Policy("600/minute", "a support tool, or a script over many accounts"),
        "accounts.import": Policy("60/minute", "each carries up to 1000 accounts"),
        "gate.captcha": Policy("3000/minute", _PLATFORM),
        "gate.totp": Policy("1200/minute", _GUESSES, is_told=False, hashes=True),
        "pages.static": Policy("600/minute", _PERSON),
        "pages.view": Policy("240/minute", _PERSON, is_told=False),
        "pages.form": Policy("60/minute", _PERSON, is_told=False),
        "pages.sign_in": Policy("20/minute", _PERSON, is_told=False, hashes=True),
        "desk.static": Policy("600/minute", "a page loads a handful of files"),
        "desk.sign_in": Policy(
            "10/minute", "a person signs in a few times a day", is_told=False, hashes=True
        ),
        "desk.page": Policy("240/minute", "a person opens a page every second", is_told=False),
        "desk.form": Policy("120/minute", "a quick moderator decides every second", is_told=False),
        "desk.pulse": Policy("240/minute", "each open queue asks every ten seconds", is_told=False),
    }
)
CEILING = "all"
# A /48 is one site's network: it may have many customers, never thousands of times the allowance.
_WIDER = 16
_ALLOWANCE = "allowance"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a policy after a request, in seconds until some of it comes back."""

    policy: str
    amount: int
    window: int
    left: int
    reset: int
    is_used_up: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers; none for an untold policy."""
        if not POLICIES[self.policy].is_told:
            return {}
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.amount};w={self.window}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset}',
        }


class Limits(Limiter):
    """slowapi's limiter, counting policies by address whatever the path.

    slowapi counts when the endpoint is called: after the body was read, the caller admitted and the
    input validated. So an endpoint only *names* its policy here, and its route counts it first of
    all (`CountedRoute`); slowapi's own decorator stays as the ceiling over everything.
    """

    def __init__(
        self,
        proxies: Proxies | None = None,
        rates: Mapping[str, str] = MappingProxyType({}),
        turns: Turns | None = None,
    ) -> None:
        """Read the table, with some rates replaced. Raises `ValueError` that says what is wrong."""
        self._turns = turns or Turns()
        # Whatever users do, staff get in: they are few, and never wait behind a storm.
        self._staff_turns = Turns(at_once=1, queue=16)
        super().__init__(key_func=self._subject, strategy="moving-window", storage_uri="windows://")
        self._proxies = proxies or Proxies(())
        self._rates = {name: _rate(name, rates) for name in POLICIES}
        if unknown := sorted(set(rates) - set(POLICIES)):
            known = ", ".join(POLICIES)
            raise ValueError(f"there is no limit called {unknown[0]!r}; there are {known}")

    def policy(self, name: str) -> Callable[[Endpoint], Endpoint]:
        """Put an endpoint under a policy and under the ceiling. Goes below the route's decorator.

        The endpoint is a plain `def` that takes the request.
        """
        allowance = Allowance(self, name)
        ceiling = self.shared_limit(str(self._rates[CEILING]), scope=CEILING)

        def put(endpoint: Endpoint) -> Endpoint:
            limited: Endpoint = ceiling(endpoint)
            limited.__dict__[_ALLOWANCE] = allowance
            return limited

        return put

    def turns(self, name: str) -> Turns | None:
        """Where the requests of a policy wait; None where they need not."""
        if not POLICIES[name].hashes:
            return None
        return self._staff_turns if name.startswith("desk.") else self._turns

    def address(self, request: Request) -> str:
        """Whom a request counts for."""
        return client_address(request, self._proxies)

    def count(self, name: str, address: str) -> Quota:
        """Count one request of this address and say what is left."""
        rate, subject, wider = self._rates[name], subject_of(address), wider_subject_of(address)
        quota = self._hit(name, rate, subject)
        if quota.is_used_up or wider == subject:
            return quota
        around = self._hit(name, _widened(rate), wider)
        return around if around.is_used_up else quota

    def _subject(self, request: Request) -> str:
        return subject_of(self.address(request))

    def _hit(self, name: str, rate: RateLimitItem, subject: str) -> Quota:
        fits = self.limiter.hit(rate, name, subject)
        stats = self.limiter.get_window_stats(rate, name, subject)
        storage = self.limiter.storage
        assert isinstance(storage, WindowStorage)  # noqa: S101  asked for above, by its scheme
        reset = max(0, math.ceil(stats.reset_time - storage.clock()))
        return Quota(name, rate.amount, rate.get_expiry(), stats.remaining, reset, not fits)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A policy of one limiter, as an endpoint carries it to its route."""

    limits: Limits
    policy: str

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise LookupError(f"there is no limit called {self.policy!r}")

    def spend(self, request: Request) -> Quota:
        """Count a request and remember with it what is left. Raises `TooManyRequests`."""
        quota = self.limits.count(self.policy, self.limits.address(request))
        request.state.quota = quota
        if quota.is_used_up:
            raise TooManyRequests(retry_after=max(1, quota.reset))
        return quota


def allowance_of(endpoint: Callable[..., Any]) -> Allowance:
    """What an endpoint's requests spend. Raises `LookupError` for one without a limit."""
    allowance: Allowance | None = getattr(endpoint, _ALLOWANCE, None)
    if allowance is None:
        raise LookupError(f"{endpoint.__name__} is under no limit; see `Limits.policy`")
    return allowance


def tell_quota(request: Request, answer: Response) -> None:
    """Say in the answer's headers what is left for the caller, if the policy is told."""
    quota = getattr(request.state, "quota", None)
    if quota is not None:
        answer.headers.update(quota.headers)


def seconds_to_wait(error: RateLimitExceeded) -> int | None:
    """The length of the window that is used up; None if the limiter does not say."""
    return None if error.limit is None else int(error.limit.limit.get_expiry())


def _rate(name: str, replaced: Mapping[str, str]) -> RateLimitItem:
    text = replaced.get(name, POLICIES[name].rate)
    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"the limit {name!r} is no rate such as 60/minute") from None


def _widened(rate: RateLimitItem) -> RateLimitItem:
    return type(rate)(rate.amount * _WIDER, rate.multiples)
