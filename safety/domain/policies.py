"""Policies: the published texts that rules and resolutions cite, and what breaking them costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weight:
    """What a resolution under a policy counts against the actor, and for how many seconds."""

    points: int
    lasts: float


@dataclass(frozen=True, slots=True)
class Rung:
    """What an actor gets who reaches so many points: an action's word, and for how long."""

    points: int
    action: str
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """How a statement of reasons classes what breaks a policy, in the Commission's words.

    Without a `law` it is against the terms of service. `is_commercial` marks deceptive advertising
    in bulk, for which no statement is due (Digital Services Act, article 17(2)).
    """

    category: str = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    keywords: tuple[str, ...] = ()
    law: str = ""
    url: str = ""
    is_commercial: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """One published policy. `message` is what the affected user may read; it gives no recipe.

    `strike` is what a removal under it costs, `macros` are texts for notes and messages by name.
    What is held under a policy that `is_veiled` is shown only when somebody asks for it.
    """

    id: str
    title: str
    text: str
    message: str
    strike: Weight | None = None
    macros: Mapping[str, str] = field(default_factory=dict)
    is_veiled: bool = False
    ground: Ground = Ground()
    decided: str = ""  # what the user may read once a person has decided; empty is `message`

    @property
    def spoken(self) -> str:
        """What somebody reads about whom a person has decided under this policy."""
        return self.decided or self.message
