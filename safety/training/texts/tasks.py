"""The two questions that text models answer: what each is taught with and how it is judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from safety.training.texts.dataset import Row
from safety.training.texts.sources import ABUSE_SOURCES, SPAM_SOURCES, WRITTEN, Source, Use
from safety.training.texts.written import written_abuse, written_spam


@dataclass(frozen=True, slots=True)
class Task:
    """One question. `groups` are the sources that are left out together to see what carries over.

    `alone` are those that nothing stands in for, such as the only one of a language: left out, they
    would be judged by a model that was never taught it. Calibration and threshold look at them by
    folds instead. The threshold is where the costs put it, or higher if more negatives than
    `false_positive_share` would be flagged.
    """

    name: str
    label: str
    sources: tuple[Source, ...]
    write: Callable[[str, int], list[Row]]
    written_weight: float
    groups: tuple[tuple[str, ...], ...]
    alone: tuple[str, ...]
    false_positive_share: float
    false_positive_cost: float
    false_negative_cost: float
    why_these_costs: str
    languages: Mapping[str, str]
    scripts: tuple[str, ...]  # of which there are labelled rows
    # The languages in Latin letters that there are labelled rows of, if it matters: what an insult
    # is hangs on a language's words, what an offer is less so. None: all.
    tongues: tuple[str, ...]
    known_failures: Sequence[str]

    def trained_on(self, *, include_research: bool = False) -> tuple[Source, ...]:
        """The sources to train on; with research ones, the weights must not be shipped."""
        read = (s for s in self.sources if include_research or s.use is Use.SHIP)
        return (*read, replace(WRITTEN, weight=self.written_weight))

    def unseen(self) -> tuple[Source, ...]:
        """The sources that only measure."""
        return tuple(source for source in self.sources if source.use is Use.RESEARCH)

    @property
    def cost_threshold(self) -> float:
        """From which probability on a flag costs less than a miss."""
        return self.false_positive_cost / (self.false_positive_cost + self.false_negative_cost)


_LATIN = "partly: written sentences only, no labelled rows"

SPAM = Task(
    name="spam",
    label="1 = spam: promotion, scam or lure that has nothing to do with the conversation",
    sources=SPAM_SOURCES,
    write=written_spam,
    written_weight=4.0,
    groups=(
        ("sms_uci",), ("yt_psy", "yt_katyperry", "yt_lmfao"), ("yt_judol_id",),
        ("davidson_ham", "convabuse_ham"),
    ),
    alone=("yt_judol_id", "telegram_ham_ru", "germeval_ham"),
    false_positive_share=0.005,
    false_positive_cost=4.0,
    false_negative_cost=1.0,
    why_these_costs="a genuine text that is held angers somebody who did nothing; spam that gets "
    "through is reported by somebody: four missed for one held",
    languages=MappingProxyType({
        "en": "yes", "id": "yes, gambling above all", "ru": "genuine rows and written spam",
        "de": "genuine rows and written spam", "es": _LATIN, "pt": _LATIN, "fr": _LATIN,
        "it": _LATIN, "tr": _LATIN, "vi": _LATIN, "zh": _LATIN, "ja": _LATIN, "ar": _LATIN,
        "hi": _LATIN, "ko": _LATIN, "nl": _LATIN, "pl": _LATIN, "other": "no",
    }),
    scripts=("latin", "cyrillic"),
    tongues=(),
    known_failures=(
        "Spam of a platform or language that is not among the sources is often missed: left_out.",
        "Languages other than English and Indonesian know spam from written sentences only.",
        "Gambling spam that names a new brand inside an ordinary Indonesian sentence is missed.",
        "A request to look at one's own channel or video reads like spam, also among friends.",
        "A text padded with genuine sentences scores lower; so does one with many typing errors.",
        "E-mail is not the kind of text this model is for: enron shows it.",
    ),
)  # fmt: skip

ABUSE = Task(
    name="abuse",
    label="1 = abuse: an insult, a threat, or contempt for somebody or for a group of people",
    sources=ABUSE_SOURCES,
    write=written_abuse,
    written_weight=2.0,
    groups=(
        ("davidson",), ("convabuse",), ("germeval",),
        ("sms_civil", "yt_civil", "judol_civil", "telegram_civil"),
    ),
    alone=(),
    false_positive_share=0.05,
    false_positive_cost=1.0,
    false_negative_cost=1.0,
    why_these_costs="it asks for a look by a person, not for a verdict: a look in vain costs about "
    "as much as an insult that stays",
    languages=MappingProxyType({
        "en": "yes", "de": "yes", "ru": "civil rows and written sentences",
        "id": "civil rows and written sentences", "pt": _LATIN, "es": _LATIN, "fr": _LATIN,
        "it": _LATIN, "tr": _LATIN, "vi": _LATIN, "zh": _LATIN, "ja": _LATIN, "ar": _LATIN,
        "hi": _LATIN, "nl": _LATIN, "pl": _LATIN, "other": "no",
    }),
    scripts=("latin", "cyrillic"),
    tongues=("en", "de", "id"),
    known_failures=(
        "Contempt without a strong word is missed: irony, hints, stereotypes said politely.",
        "Banter among friends, and words that a group uses of itself, read like abuse.",
        "Swearing at nobody is often flagged: the labelled tweets call it offensive.",
        "What counts as abuse differs between the sources, so the score ranks, it does not rule.",
        "Quotes of abuse, and talk about it, are flagged more often than other civil texts.",
        "Languages other than English and German know abuse from written sentences and word lists.",
    ),
)  # fmt: skip

TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in (SPAM, ABUSE)})
