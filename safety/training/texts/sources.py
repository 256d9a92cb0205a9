"""Every source of labelled text with its licence: the only place that says what to train on."""

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What a source's licence lets its rows be used for."""

    SHIP = "ship"  # weights trained on the rows may be shipped
    RESEARCH = "research"  # rows measure a model, they never form one that is shipped


class Reading(StrEnum):
    """What a file's labels say about the question that a model is asked."""

    AS_LABELLED = "as labelled"
    NEGATIVE_ROWS = "negative rows"  # the other label means something else
    ALL_NEGATIVE = "all negative"  # whatever the label says, the answer is no


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
    reading: Reading = Reading.AS_LABELLED
    attribution: str = ""


_YOUTUBE = "YouTube Spam Collection v.1: public, citation asked for"
_YOUTUBE_CITE = "Alberto, Lochter, Almeida: TubeSpam, ICMLA 2015"
_SMS = "SMS Spam Collection v.1: free for all purposes"
_SMS_CITE = "Almeida, Gómez Hidalgo, Yamakami, DocEng 2011"
_JUDOL_CITE = "gbennnn, judol-comment-classification"
_TELEGRAM_CITE = "monalenka, telegram-spam-classifier-bot"
_DAVIDSON_CITE = "Davidson et al., ICWSM 2017"
_CONVABUSE_CITE = "Cercas Curry, Abercrombie, Rieser, EMNLP 2021"
_GERMEVAL_CITE = "Wiegand, Siegel, Ruppenhofer, GermEval 2018"
_OLID_CITE = "Zampieri et al., NAACL 2019"
_STORMFRONT_CITE = "de Gibert et al., ALW2 2018"
_TOLDBR_CITE = "Leite et al., AACL 2020"
_TAOBAO_CITE = "Jiang et al., EMNLP 2019"
_UNLICENSED = "no licence stated with the rows"
_SHARE_ALIKE_3 = "CC BY-SA 3.0: kept out because it is share-alike"
_SHARE_ALIKE_4 = "CC BY-SA 4.0: kept out because it is share-alike"
_SHIP, _RESEARCH = Use.SHIP, Use.RESEARCH
_NEGATIVE, _ALL_NEGATIVE = Reading.NEGATIVE_ROWS, Reading.ALL_NEGATIVE

_SMS_FILE, _YOUTUBE_FILE = "spam_sms_uci.csv.gz", "spam_youtube.csv.gz"
_JUDOL_FILE, _TELEGRAM_FILE = "spam_youtube_judol_id.csv.gz", "ham_telegram_ru.csv.gz"
_DAVIDSON_FILE, _CONVABUSE_FILE = "abuse_davidson.csv.gz", "abuse_convabuse.csv.gz"
_GERMEVAL_FILE, _OLID_FILE = "abuse_germeval_de.csv.gz", "abuse_olid.csv.gz"
_STORMFRONT_FILE, _TOLDBR_FILE = "abuse_stormfront.csv.gz", "abuse_toldbr_pt.csv.gz"
_TAOBAO_FILE = "abuse_taobao_zh.csv.gz"

WRITTEN = Source(
    "written", "", "en es pt de fr it ru id tr zh ja ko vi ar hi nl pl", _SHIP,
    "Apache-2.0: written for this project", attribution="phrases.py, lures.py, insults.py",
)  # fmt: skip


def _youtube(member: str, use: Use, licence: str) -> Source:
    return Source(
        member, _YOUTUBE_FILE, "en", use, licence, 0.6,
        members=(member,), attribution=_YOUTUBE_CITE,
    )  # fmt: skip


# The sources of `spam` that are read from files. Abuse is no spam: its files are genuine here.
SPAM_SOURCES: tuple[Source, ...] = (
    Source("sms_uci", _SMS_FILE, "en", _SHIP, _SMS, 1.0, attribution=_SMS_CITE),
    _youtube("yt_psy", _SHIP, _YOUTUBE),
    _youtube("yt_katyperry", _SHIP, _YOUTUBE),
    _youtube("yt_lmfao", _SHIP, _YOUTUBE),
    Source(
        "yt_judol_id", _JUDOL_FILE, "id", _SHIP, "MIT (labels and collection)", 1.5, cap=8_000,
        attribution=_JUDOL_CITE,
    ),
    Source(
        "telegram_ham_ru", _TELEGRAM_FILE, "ru", _SHIP, "MIT", 0.5, attribution=_TELEGRAM_CITE
    ),
    Source(
        "davidson_ham", _DAVIDSON_FILE, "en", _SHIP, "MIT", 0.8, cap=5_000,
        reading=_ALL_NEGATIVE, attribution=_DAVIDSON_CITE,
    ),
    Source(
        "convabuse_ham", _CONVABUSE_FILE, "en", _SHIP, "CC BY 4.0", 0.3,
        reading=_ALL_NEGATIVE, attribution=_CONVABUSE_CITE,
    ),
    Source(
        "germeval_ham", _GERMEVAL_FILE, "de", _SHIP, "CC BY 4.0", 0.4,
        reading=_ALL_NEGATIVE, attribution=_GERMEVAL_CITE,
    ),
    _youtube("yt_pewdiepie", _RESEARCH, _UNLICENSED),
    _youtube("yt_ps4", _RESEARCH, _UNLICENSED),
    Source(
        "enron", "spam_email_enron.csv.gz", "en", _RESEARCH, "for research, no formal licence",
        0.5, cap=3_000, attribution="Metsis, Androutsopoulos, Paliouras, CEAS 2006",
    ),
    Source(
        "olid_ham", _OLID_FILE, "en", _RESEARCH, _UNLICENSED, 0.3,
        reading=_ALL_NEGATIVE, attribution=_OLID_CITE,
    ),
    Source(
        "stormfront_ham", _STORMFRONT_FILE, "en", _RESEARCH, _SHARE_ALIKE_3, 0.3,
        reading=_ALL_NEGATIVE, attribution=_STORMFRONT_CITE,
    ),
    Source(
        "toldbr_ham", _TOLDBR_FILE, "pt", _RESEARCH, _SHARE_ALIKE_4, 0.3,
        reading=_ALL_NEGATIVE, attribution=_TOLDBR_CITE,
    ),
    Source(
        "taobao_ham", _TAOBAO_FILE, "zh", _RESEARCH, _UNLICENSED, 0.3,
        reading=_NEGATIVE, attribution=_TAOBAO_CITE,
    ),
)  # fmt: skip

# The sources of `abuse` that are read from files. Spam and its neighbours are civil here.
ABUSE_SOURCES: tuple[Source, ...] = (
    Source(
        "davidson", _DAVIDSON_FILE, "en", _SHIP, "MIT", 1.0, cap=12_000, attribution=_DAVIDSON_CITE
    ),
    Source(
        "convabuse", _CONVABUSE_FILE, "en", _SHIP, "CC BY 4.0", 1.0, attribution=_CONVABUSE_CITE
    ),
    Source("germeval", _GERMEVAL_FILE, "de", _SHIP, "CC BY 4.0", 1.0, attribution=_GERMEVAL_CITE),
    Source(
        "sms_civil", _SMS_FILE, "en", _SHIP, _SMS, 0.5, reading=_ALL_NEGATIVE,
        attribution=_SMS_CITE,
    ),
    Source(
        "yt_civil", _YOUTUBE_FILE, "en", _SHIP, _YOUTUBE, 0.2, reading=_ALL_NEGATIVE,
        members=("yt_psy", "yt_katyperry", "yt_lmfao"), attribution=_YOUTUBE_CITE,
    ),
    Source(
        "judol_civil", _JUDOL_FILE, "id", _SHIP, "MIT (labels and collection)", 0.3, cap=3_000,
        reading=_ALL_NEGATIVE, attribution=_JUDOL_CITE,
    ),
    Source(
        "telegram_civil", _TELEGRAM_FILE, "ru", _SHIP, "MIT", 0.3, attribution=_TELEGRAM_CITE
    ),
    Source("olid", _OLID_FILE, "en", _RESEARCH, _UNLICENSED, 1.5, attribution=_OLID_CITE),
    Source(
        "stormfront", _STORMFRONT_FILE, "en", _RESEARCH, _SHARE_ALIKE_3, 0.8,
        attribution=_STORMFRONT_CITE,
    ),
    Source(
        "toldbr", _TOLDBR_FILE, "pt", _RESEARCH, _SHARE_ALIKE_4, 1.0, attribution=_TOLDBR_CITE
    ),
    Source(
        "taobao", _TAOBAO_FILE, "zh", _RESEARCH, _UNLICENSED, 1.0, cap=6_000,
        attribution=_TAOBAO_CITE,
    ),
    Source(
        "enron_civil", "spam_email_enron.csv.gz", "en", _RESEARCH,
        "for research, no formal licence", 0.3, cap=2_000, reading=_ALL_NEGATIVE,
        attribution="Metsis, Androutsopoulos, Paliouras, CEAS 2006",
    ),
)  # fmt: skip
