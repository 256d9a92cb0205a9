"""Passwords that everybody tries first: a list in memory, and breach lists in fingerprint files."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from safety.gates.fingerprint_file import FingerprintFile, fingerprint

# Where imported lists are kept in the data folder, and how their names end.
FOLDER = "blocklists"
SUFFIX = ".fingerprints"

# The longest password that is taken apart; nobody repeats a short one so often by hand.
_LONGEST = 256


class Blocklist:
    """Passwords that are refused, whatever else speaks for them. Threads may share it.

    Refused is what is listed in any case of letters, a listed one repeated, and two common ones in
    a row: short passwords are what lists are full of, and this is how people make them long.
    Raises `BlocklistFileError`, a `ValueError`, for a file that is damaged.
    """

    def __init__(self, files: Sequence[Path] = ()) -> None:
        self._files = [FingerprintFile(path) for path in files]

    def __contains__(self, password: str) -> bool:
        """Whether the password, in NFKC or not, is refused."""
        if len(password) > _LONGEST:
            return False
        folded = unicodedata.normalize("NFKC", password)
        plain = folded.casefold()
        return (
            self._is_listed(folded)
            or self._is_listed(plain)
            or any(map(self._is_listed, _repeated_parts(plain)))
            or _is_two_in_a_row(plain)
        )

    def __len__(self) -> int:
        """How many passwords are listed; those made of them come on top."""
        return len(_common()) + sum(map(len, self._files))

    def _is_listed(self, password: str) -> bool:
        if password in _common():
            return True
        wanted = fingerprint(password)
        return any(wanted in file for file in self._files)


def files_in(folder: Path) -> list[Path]:
    """The fingerprint files that were imported into this folder."""
    return sorted(folder.glob(f"*{SUFFIX}"))


@cache
def _common() -> frozenset[str]:
    """The passwords that zxcvbn brings along: thirty thousand, from public breaches."""
    return frozenset(import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"])


def _repeated_parts(password: str) -> Iterator[str]:
    """The texts that the password repeats, their last time perhaps cut short."""
    for length in range(1, len(password) // 2 + 1):
        if password[length:] == password[:-length]:
            yield password[:length]


def _is_two_in_a_row(password: str) -> bool:
    return any(
        password[:place] in _common() and password[place:] in _common()
        for place in range(1, len(password))
    )
