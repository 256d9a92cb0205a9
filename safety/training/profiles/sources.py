"""The labelled account tables: where they come from, what their licence allows, what they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Family(StrEnum):
    """What kind of platform accounts are from; a source is left out with none of its family."""

    INSTAGRAM = "instagram"
    TWITTER = "twitter"
    GITHUB = "github"


class Use(StrEnum):
    """What a licence allows: shipped weights, or measuring and a site's own weights."""

    SHIP = "ship"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class Source:
    """One table. `is_learned` is false for tables that only measure, whatever may be done."""

    name: str
    family: Family
    use: Use
    licence: str
    attribution: str
    is_learned: bool = True

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv.gz"


_UNLICENSED: Final = "no licence: research and measuring only"

SOURCES: Final = (
    Source(
        "instagram_instafake", Family.INSTAGRAM, Use.RESEARCH,
        "CC BY-NC 4.0: not for weights that are shipped", "Akyon and Kalfaoglu, 2018 (fake-v1.0)",
    ),
    Source(
        "instagram_kaggle", Family.INSTAGRAM, Use.RESEARCH, _UNLICENSED,
        "the public table of 696 Instagram accounts",
    ),
    Source(
        "instagram_ifad", Family.INSTAGRAM, Use.RESEARCH,
        "GPL-3.0 repository: kept out of weights that are shipped", "InstaFakeDetector, 2020",
    ),
    Source(
        "twitter_mib", Family.TWITTER, Use.RESEARCH, _UNLICENSED,
        "Cresci et al., Decision Support Systems 2015",
    ),
    Source(
        "twitter_botrepo2019", Family.TWITTER, Use.RESEARCH, _UNLICENSED,
        "Bot Repository: vendor-purchased, verified and botwiki, 2019",
    ),
    Source(
        "twitter_jubins", Family.TWITTER, Use.SHIP, "MIT", "jubins, Detecting Twitter Bots, 2017"
    ),
    Source(
        "github_starscout_actors", Family.GITHUB, Use.SHIP,
        "Apache-2.0; suspected only, statistics only", "StarScout, 2024", is_learned=False,
    ),
)  # fmt: skip

BY_NAME: Final[Mapping[str, Source]] = {source.name: source for source in SOURCES}
