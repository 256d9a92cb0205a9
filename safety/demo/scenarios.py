"""The demo's script: calm, a spam wave, a follower farm, a signup burst, and calm again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import cycle, repeat
from random import Random
from typing import Any

from safety.demo import bait, cast, texts
from safety.demo.cast import Account
from safety.demo.dice import chance

# So many regulars per event a second that nobody acts more often than a person would.
_REGULARS_PER_RATE = 250
_FEWEST_REGULARS = 1_000
# During an attack this share of the traffic still comes from ordinary people.
_CALM_SHARE_UNDER_ATTACK = 0.35
_CHEAP_MAIL = "cheapbox.example"
_THROWAWAY_MAIL = "mailinator.com"  # listed by every collection of disposable domains
_DENIED_MAIL = "bulkmail.example"  # on the shipped deny list, as an example


class Scenario(StrEnum):
    """What to play."""

    ALL = "all"
    CALM = "calm"
    SPAM_WAVE = "spam-wave"
    FOLLOWER_FARM = "follower-farm"
    SIGNUP_BURST = "signup-burst"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the play: when it is due (seconds from the start) and which scene it is of.

    `is_attack` is the truth about the event, which the service is not told.
    """

    due: float
    scene: Scenario
    is_attack: bool
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Scene:
    kind: Scenario
    seconds: float
    pace: float  # traffic compared with calm


_SCENES = {
    Scenario.CALM: _Scene(Scenario.CALM, 12, 1.0),
    Scenario.SPAM_WAVE: _Scene(Scenario.SPAM_WAVE, 20, 2.0),
    Scenario.FOLLOWER_FARM: _Scene(Scenario.FOLLOWER_FARM, 15, 2.5),
    Scenario.SIGNUP_BURST: _Scene(Scenario.SIGNUP_BURST, 12, 2.0),
}
# Long enough to look at what the attacks left before the next ones come.
_REST = _Scene(Scenario.CALM, 1_200, 1.0)
_PLAYS: Mapping[Scenario, tuple[_Scene, ...]] = {
    Scenario.ALL: (*_SCENES.values(), _REST),
    **{kind: (scene,) for kind, scene in _SCENES.items()},
}

Act = Callable[[], dict[str, Any]]


def play(scenario: Scenario, *, seed: int, at: float, rate: float) -> Iterator[Step]:
    """The events of a scenario, in order and without end: the play starts again when it is over.

    `at` (Unix seconds) is when the play starts, `rate` the calm events per second. The same
    arguments give the same events.
    """
    rng = Random(seed)  # noqa: S311 - a play must repeat itself, it keeps no secret
    people = People(rng, at=at, rate=rate)
    due = 0.0
    for scene in cycle(_PLAYS[scenario]):
        attack = _ATTACKS[scene.kind](people, at + due)
        ends = due + scene.seconds
        while due < ends:
            is_attack = attack is not None and not chance(rng, _CALM_SHARE_UNDER_ATTACK)
            event = attack() if is_attack and attack else people.something_ordinary(at + due)
            yield Step(due, scene.kind, is_attack, event)
            due += rng.expovariate(rate * scene.pace)


class People:
    """Everybody in the play, and what each kind of person does next."""

    def __init__(self, rng: Random, *, at: float, rate: float) -> None:
        self._rng = rng
        self._regulars = cast.regulars(
            rng, max(_FEWEST_REGULARS, int(rate * _REGULARS_PER_RATE)), at
        )
        self._waves = 0

    def something_ordinary(self, at: float) -> dict[str, Any]:
        """One thing that an ordinary person does."""
        acts = (self._comment, self._like, self._post, self._follow, self._login, self._message)
        kind = self._rng.choices(range(8), weights=(34, 22, 10, 12, 10, 8, 3, 1))[0]
        if kind < len(acts):
            return acts[kind](self._rng.choice(self._regulars))
        if kind == len(acts):
            return {"type": "signup", **cast.newcomer(self._rng, at).facts()}
        return self._profile_update(self._rng.choice(self._regulars))

    def spam_wave(self, at: float) -> Act:
        """A dozen young accounts that repeat four offers, half of the copies disguised."""
        rng, prefix = self._rng, self._next_prefix("spam")
        ages = [rng.uniform(5 * cast.MINUTE, 6 * cast.HOUR) for _ in range(12)]
        spammers = list(cast.crowd(rng, prefix, ages, at, domain=_CHEAP_MAIL, sharing=4))
        campaigns = bait.campaigns(rng)

        def act() -> dict[str, Any]:
            offer = rng.choice(campaigns)
            text = offer.disguised(rng) if chance(rng, 0.5) else offer.text(rng)
            event = self._comment(rng.choice(spammers))
            event["content"]["text"] = text
            return event

        return act

    def follower_farm(self, at: float) -> Act:
        """Sixty accounts made within two days that all follow the same three."""
        rng, prefix = self._rng, self._next_prefix("farm")
        ages = [rng.uniform(10 * cast.MINUTE, 2 * cast.DAY) for _ in range(60)]
        farm = list(cast.crowd(rng, prefix, ages, at, domain=_CHEAP_MAIL, sharing=10))
        buyers = rng.sample(self._regulars, 3)

        def act() -> dict[str, Any]:
            return self._follow(rng.choice(farm), of=rng.choice(buyers))

        return act

    def signup_burst(self, at: float) -> Act:
        """One machine that makes account after account with throw-away addresses."""
        rng, prefix = self._rng, self._next_prefix("burst")
        signups = cast.crowd(rng, prefix, repeat(0.0), at, domain=_THROWAWAY_MAIL, sharing=100_000)

        def act() -> dict[str, Any]:
            account = next(signups)
            if chance(rng, 0.15):
                account = replace(account, email=f"{account.name}@{_DENIED_MAIL}")
            return {"type": "signup", **account.facts()}

        return act

    def _next_prefix(self, kind: str) -> str:
        self._waves += 1
        return f"{kind}{self._waves}-{self._rng.randrange(16**4):04x}"

    def _comment(self, account: Account) -> dict[str, Any]:
        owner = self._rng.choice(self._regulars)
        thread = f"p-{self._rng.randrange(4_000)}"
        return {
            "type": "comment",
            **account.facts(),
            "target": {"id": thread, "kind": "post", "owner_id": owner.id},
            "content": {"text": texts.comment(self._rng), "thread_id": thread},
        }

    def _post(self, account: Account) -> dict[str, Any]:
        return {"type": "post", **account.facts(), "content": {"text": texts.post(self._rng)}}

    def _message(self, account: Account) -> dict[str, Any]:
        friend = self._rng.choice(self._regulars)
        return {
            "type": "message",
            **account.facts(),
            "target": {"id": friend.id, "kind": "account", "owner_id": friend.id},
            "content": {"text": texts.message(self._rng)},
        }

    def _like(self, account: Account) -> dict[str, Any]:
        owner = self._rng.choice(self._regulars)
        post = f"p-{self._rng.randrange(4_000)}"
        target = {"id": post, "kind": "post", "owner_id": owner.id}
        return {"type": "like", **account.facts(), "target": target}

    def _follow(self, account: Account, of: Account | None = None) -> dict[str, Any]:
        followed = of or self._rng.choice(self._regulars)
        target = {
            "id": followed.id,
            "kind": "account",
            "owner_id": followed.id,
            "created_at": cast.rfc3339(followed.created_at),
            "followers": followed.followers,
        }
        return {"type": "follow", **account.facts(), "target": target}

    def _login(self, account: Account) -> dict[str, Any]:
        right = not chance(self._rng, 0.05)  # a typo now and then
        return {"type": "login", **account.facts(), "login": {"succeeded": right}}

    def _profile_update(self, account: Account) -> dict[str, Any]:
        event = {"type": "profile_update", **account.facts()}
        event["actor"]["bio"] = texts.bio(self._rng)
        return event


_ATTACKS: Mapping[Scenario, Callable[[People, float], Act | None]] = {
    Scenario.CALM: lambda _people, _at: None,
    Scenario.SPAM_WAVE: People.spam_wave,
    Scenario.FOLLOWER_FARM: People.follower_farm,
    Scenario.SIGNUP_BURST: People.signup_burst,
}
