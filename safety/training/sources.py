"""Every source of labelled text with its licence: the only place that says what to train on."""

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What a source's licence lets its rows be used for."""

    SHIP = "ship"  # weights trained on the rows may be shipped
    RESEARCH = "research"  # rows measure a model, they never form one that is shipped


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one file. `weight` is what all its rows together count for in training."""

    name: str
    file: str
    language: str
    use: Use
    licence: str
    weight: float = 0.0
    cap: int = 1_000_000
    members: tuple[str, ...] = ()  # values of the column `source`; empty is all of them
    ham_only: bool = False  # the file's other label does not mean spam
    attribution: str = ""


_YOUTUBE = "YouTube Spam Collection v.1: public, citation asked for"
_YOUTUBE_CITE = "Alberto, Lochter, Almeida: TubeSpam, ICMLA 2015"
_UNLICENSED = "no licence stated with the rows"

WRITTEN = Source(
    "written", "", "en es pt de fr ru id tr zh ja vi ar", Use.SHIP,
    "Apache-2.0: written for this project", 1.0, attribution="phrases.py",
)  # fmt: skip

# The sources that are read from files.
SPAM_SOURCES: tuple[Source, ...] = (
    Source(
        "sms_uci", "spam_sms_uci.csv.gz", "en", Use.SHIP,
        "SMS Spam Collection v.1: free for all purposes", 1.0,
        attribution="Almeida, Gómez Hidalgo, Yamakami, DocEng 2011",
    ),
    Source(
        "yt_psy", "spam_youtube.csv.gz", "en", Use.SHIP, _YOUTUBE, 0.6,
        members=("yt_psy",), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "yt_katyperry", "spam_youtube.csv.gz", "en", Use.SHIP, _YOUTUBE, 0.6,
        members=("yt_katyperry",), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "yt_lmfao", "spam_youtube.csv.gz", "en", Use.SHIP, _YOUTUBE, 0.6,
        members=("yt_lmfao",), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "yt_judol_id", "spam_youtube_judol_id.csv.gz", "id", Use.SHIP,
        "MIT (labels and collection)", 1.5, cap=8_000,
        attribution="gbennnn, judol-comment-classification",
    ),
    Source(
        "telegram_ham_ru", "ham_telegram_ru.csv.gz", "ru", Use.SHIP, "MIT", 0.5,
        attribution="monalenka, telegram-spam-classifier-bot",
    ),
    Source(
        "davidson_neither", "abuse_davidson.csv.gz", "en", Use.SHIP, "MIT", 0.5,
        members=("davidson_neither",), ham_only=True,
        attribution="Davidson et al., ICWSM 2017",
    ),
    Source(
        "convabuse_ham", "abuse_convabuse.csv.gz", "en", Use.SHIP, "CC BY 4.0", 0.3, ham_only=True,
        attribution="Cercas Curry, Abercrombie, Rieser, EMNLP 2021",
    ),
    Source(
        "germeval_ham", "abuse_germeval_de.csv.gz", "de", Use.SHIP, "CC BY 4.0", 0.4, ham_only=True,
        attribution="Wiegand, Siegel, Ruppenhofer, GermEval 2018",
    ),
    Source(
        "yt_pewdiepie", "spam_youtube.csv.gz", "en", Use.RESEARCH, _UNLICENSED, 0.6,
        members=("yt_pewdiepie",), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "yt_ps4", "spam_youtube.csv.gz", "en", Use.RESEARCH, _UNLICENSED, 0.6,
        members=("yt_ps4",), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "enron", "spam_email_enron.csv.gz", "en", Use.RESEARCH, "for research, no formal licence",
        0.5, cap=3_000, attribution="Metsis, Androutsopoulos, Paliouras, CEAS 2006",
    ),
    Source(
        "olid_ham", "abuse_olid.csv.gz", "en", Use.RESEARCH, _UNLICENSED, 0.3, ham_only=True,
        attribution="Zampieri et al., NAACL 2019",
    ),
    Source(
        "stormfront_ham", "abuse_stormfront.csv.gz", "en", Use.RESEARCH,
        "CC BY-SA 3.0: kept out because it is share-alike", 0.3, ham_only=True,
        attribution="de Gibert et al., ALW2 2018",
    ),
    Source(
        "toldbr_ham", "abuse_toldbr_pt.csv.gz", "pt", Use.RESEARCH,
        "CC BY-SA 4.0: kept out because it is share-alike", 0.3, ham_only=True,
        attribution="Leite et al., AACL 2020",
    ),
    Source(
        "taobao_ham", "abuse_taobao_zh.csv.gz", "zh", Use.RESEARCH, _UNLICENSED, 0.3, ham_only=True,
        attribution="Jiang et al., EMNLP 2019",
    ),
)  # fmt: skip


def training_sources(*, include_research: bool = False) -> tuple[Source, ...]:
    """The sources a model is trained on; with research ones, its weights must not be shipped."""
    read = (s for s in SPAM_SOURCES if include_research or s.use is Use.SHIP)
    return (*read, WRITTEN)


def unseen_sources() -> tuple[Source, ...]:
    """The sources that only measure."""
    return tuple(source for source in SPAM_SOURCES if source.use is Use.RESEARCH)
