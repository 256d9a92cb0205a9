"""Texts said in other words: the one attack that no copy in training prepares a model for."""

import re
from collections.abc import Mapping, Sequence
from random import Random

_SWAPPED_SHARE = 0.8
# Each list says the same thing; a word is replaced by another of its list.
_SAME: tuple[tuple[str, ...], ...] = (
    ("free", "complimentary", "at no cost", "on the house"),
    ("win", "bag", "score", "take home"),
    ("won", "bagged", "scored", "been granted"),
    ("prize", "jackpot gift", "goodies", "present"),
    ("claim", "collect", "pick up", "grab"),
    ("money", "funds", "bucks", "income"),
    ("cash", "notes", "dough", "payout"),
    ("check", "have a look at", "peek at", "discover"),
    ("click", "press", "hit", "follow"),
    ("visit", "head over to", "drop by", "explore"),
    ("subscribe", "sign up", "hit the bell", "become a member"),
    ("channel", "page", "feed", "uploads"),
    ("video", "clip", "upload", "footage"),
    ("call", "ring", "phone", "get in touch on"),
    ("text", "send word to", "drop a line to", "ping"),
    ("now", "right away", "this minute", "without delay"),
    ("please", "kindly", "if you would", "pretty please"),
    ("buy", "purchase", "get yourself", "pick up"),
    ("cheap", "low-cost", "for little", "at bargain rates"),
    ("earn", "bring in", "pocket", "take in"),
    ("followers", "fans", "supporters", "audience"),
    ("best", "finest", "top-notch", "number one"),
    ("guaranteed", "assured", "promised", "certain"),
    ("offer", "proposal", "bargain", "promotion"),
    ("idiot", "imbecile", "simpleton", "nitwit"),
    ("stupid", "dense", "thick", "brainless"),
    ("bitch", "cow", "hag", "witch"),
    ("hate", "loathe", "detest", "cannot bear"),
    ("kill", "end", "finish off", "do away with"),
    ("ugly", "hideous", "unsightly", "repulsive"),
    ("fucking", "bloody", "damn", "freaking"),
    ("fuck", "screw", "to hell with", "damn"),
    ("shit", "crap", "rubbish", "dung"),
    ("gratis", "tanpa bayar", "cuma-cuma"),
    ("menang", "juara", "dapat hadiah"),
    ("main", "coba", "pasang"),
    ("daftar", "buat akun", "ikutan"),
)
_OTHERS: Mapping[str, tuple[str, ...]] = {
    word: tuple(other for other in same if other != word) for same in _SAME for word in same
}
_WORD = re.compile(r"[^\W\d_]+")


def paraphrase(text: str, random: Random, _ham: Sequence[str] = ()) -> str:
    """The text with most of the words that we know other words for replaced by them."""

    def swapped(found: "re.Match[str]") -> str:
        others = _OTHERS.get(found.group().lower())
        return random.choice(others) if others and random.random() < _SWAPPED_SHARE else found[0]

    return _WORD.sub(swapped, text)
