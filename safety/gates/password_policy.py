"""Which passwords are good enough: long, not on a list, not easy to guess (NIST SP 800-63B-4)."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from safety.domain.errors import FieldError, WeakPassword
from safety.gates.blocklist import Blocklist

# zxcvbn's scale: 0 falls within a thousand guesses, 1 within a million, 2 within a hundred million.
# An account sees at most a hundred wrong passwords in a row, so a million guesses are out of reach
# online, and argon2 makes each of them dear offline.
LEAST_SCORE = 2

_ZXCVBN_READS = 72  # it raises above, and takes a tenth of a second at most below
_MOST_WORDS = 20
_LONGEST_WORD = 64
_SHORTEST_WORD = 3  # shorter ones are in every second password by chance
# A code point of the folded password may have been typed as this many.
_MOST_TYPED = 4


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a password is to guess, 0 to 4, and what would make it harder."""

    score: int
    warning: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a new password must be. Lengths are in code points after NFKC.

    `product_words` are names of the product and the platform, which people put into passwords.
    Both methods may take a tenth of a second: run them in the pool.
    """

    blocklist: Blocklist
    minimum: int = 15
    minimum_with_second_factor: int = 8
    maximum: int = 256
    product_words: Sequence[str] = field(default=())

    def check(
        self, password: str, *, user_words: Sequence[str], has_second_factor: bool = False
    ) -> None:
        """Raise `WeakPassword`, with what to do about it, unless the password is good enough.

        `user_words` are names, addresses and the like that somebody who knows the user would try.
        """
        least = self.minimum_with_second_factor if has_second_factor else self.minimum
        if len(password) > self.maximum * _MOST_TYPED:
            raise _weak(f"Use at most {self.maximum} characters.")
        folded = unicodedata.normalize("NFKC", password)
        if len(folded) < least:
            raise _weak(f"Use at least {least} characters. A few words are easy to remember.")
        if len(folded) > self.maximum:
            raise _weak(f"Use at most {self.maximum} characters.")
        if folded in self.blocklist:
            raise _weak("This password is among those that are tried first. Choose another.")
        self._check_remainder(folded, user_words, least // 2)
        strength = self.strength(folded, user_words)
        if strength.score < LEAST_SCORE:
            raise _weak(_advice(strength))

    def _check_remainder(self, folded: str, user_words: Sequence[str], least: int) -> None:
        """Words that a stranger would try first do not count towards the length."""
        rest = folded.casefold()
        known = _searchable([*user_words, *self.product_words])
        for word in sorted(known, key=len, reverse=True):
            if len(word) >= _SHORTEST_WORD:
                rest = rest.replace(word, "")
        if len(rest) < least:
            raise _weak(
                "Your name and the name of this service are tried first. "
                f"Use at least {least} characters besides them."
            )

    def strength(self, password: str, user_words: Sequence[str]) -> Strength:
        """How hard the password is to guess. Of a very long one, its better end counts."""
        folded = unicodedata.normalize("NFKC", password[: self.maximum * _MOST_TYPED])
        words = _searchable([*user_words, *self.product_words])
        ends = {folded[:_ZXCVBN_READS], folded[-_ZXCVBN_READS:]}
        return max((_estimate(end, words) for end in ends), key=lambda found: found.score)


def _weak(message: str) -> WeakPassword:
    return WeakPassword(message, errors=[FieldError("password", message)])


def _advice(strength: Strength) -> str:
    said = [strength.warning, *strength.suggestions]
    sentences = [text if text.endswith((".", "!", "?")) else f"{text}." for text in said if text]
    return " ".join(sentences) or "This password is easy to guess. Add a few uncommon words."


def _searchable(words: Sequence[str]) -> Mapping[str, int]:
    """Words, and the parts of those that have several, ranked as zxcvbn wants them."""
    parts: list[str] = []
    for word in words[:_MOST_WORDS]:
        plain = unicodedata.normalize("NFKC", word[:_LONGEST_WORD]).casefold()
        parts += [plain, "".join(_split(plain)), *_split(plain)]
    return {part: rank for rank, part in enumerate(dict.fromkeys(filter(None, parts)), start=1)}


def _split(word: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in word).split()


@cache
def _zxcvbn(module: str) -> Any:
    return import_module(f"zxcvbn.{module}")


def _estimate(password: str, words: Mapping[str, int]) -> Strength:
    """Zxcvbn's opinion. Its own entry point keeps the user's words in a global, shared by all."""
    if not password:
        return Strength(0, "", ("Use a few uncommon words.",))
    matching = _zxcvbn("matching")
    dictionaries = matching.RANKED_DICTIONARIES | {"user_inputs": words}
    matches = matching.omnimatch(password, dictionaries)
    found = _zxcvbn("scoring").most_guessable_match_sequence(password, matches)
    score = int(_zxcvbn("time_estimates").guesses_to_score(found["guesses"]))
    said = _zxcvbn("feedback").get_feedback(score, found["sequence"])
    return Strength(score, str(said["warning"]), tuple(map(str, said["suggestions"])))
