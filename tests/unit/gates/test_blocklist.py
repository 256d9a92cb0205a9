"""Lists of passwords: what everybody tries first is found, in memory and in files of any size."""

from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from safety.gates.blocklist import SUFFIX, Blocklist, files_in
from safety.gates.fingerprint_file import (
    BlocklistFileError,
    FingerprintFile,
    build,
    fingerprint,
)

COMMON = FREQUENCY_LISTS["passwords"]
POLICY_LENGTH = 15

passwords = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=30
)
built_in = Blocklist()


def silence(_: int) -> None:
    """Nobody watches."""


def a_list(folder: Path, lines: Iterable[str | bytes], name: str = "breach") -> Path:
    out = folder / f"{name}{SUFFIX}"
    raw = (line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines)
    build(raw, out, progress=silence)
    return out


def hashed(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def made_long(word: str) -> str:
    """How people bring a short password to the length that is asked for."""
    return word * (1 + POLICY_LENGTH // len(word))


def test_more_than_three_thousand_passwords_of_policy_length_are_refused() -> None:
    long_ones = {made_long(word) for word in COMMON[:4000]} | set(COMMON[-4000:])
    long_ones = {password for password in long_ones if len(password) >= POLICY_LENGTH}
    assert len(long_ones) > 3000
    assert [password for password in long_ones if password not in built_in] == []


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "".join(chr(ord(letter) + 0xFEE0) for letter in "password"),
        "passwordpassword",
        "PASSWORDpassword",
        "passwordpasswordpass",
        "iloveyou12345678",
        "qwertyuiopasdfgh",
        "123451234512345",
        "sunshinebutterfly",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert password in built_in


@pytest.mark.parametrize(
    "password",
    [
        "",
        "correct horse battery staple",
        "violet umbrella on tuesday",
        "kjhXq82.mmPw",
        "passwords are a nuisance",
        "\ud800\udfff",
        "x" * 1_000_000,
    ],
)
def test_what_nobody_tries_first_is_not(password: str) -> None:
    assert password not in built_in


def test_a_list_is_found_in_plain_and_hashed_and_mixed(tmp_path: Path) -> None:
    lines = [
        "violet umbrella",
        hashed("green bicycle"),
        f"{hashed('red balloon')}:42",
        "",
        "końcówka",
    ]
    blocklist = Blocklist([a_list(tmp_path, lines)])
    for password in ("violet umbrella", "green bicycle", "red balloon", "końcówka"):
        assert password in blocklist
    assert "blue elephant house" not in blocklist
    assert len(blocklist) == len(built_in) + 4


def test_a_listed_password_repeated_or_in_capitals_is_found_too(tmp_path: Path) -> None:
    blocklist = Blocklist([a_list(tmp_path, ["violet umbrella"])])
    assert "Violet Umbrella" in blocklist
    assert "violet umbrellaviolet umbrella" in blocklist


def test_windows_line_ends_are_no_part_of_a_password(tmp_path: Path) -> None:
    out = a_list(tmp_path, [b"violet umbrella\r\n", b"green bicycle"])
    assert "violet umbrella" in Blocklist([out])
    assert "green bicycle" in Blocklist([out])


def test_several_lists_are_one(tmp_path: Path) -> None:
    a_list(tmp_path, ["violet umbrella"], "first")
    a_list(tmp_path, ["green bicycle"], "second")
    blocklist = Blocklist(files_in(tmp_path))
    assert "violet umbrella" in blocklist
    assert "green bicycle" in blocklist


@settings(max_examples=30)
@given(listed=st.sets(passwords, min_size=1, max_size=50), other=passwords)
def test_a_file_holds_what_was_listed_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, listed: set[str], other: str
) -> None:
    file = FingerprintFile(a_list(tmp_path_factory.mktemp("lists"), listed))
    assert len(file) == len(listed)
    assert all(fingerprint(password) in file for password in listed)
    assert (fingerprint(other) in file) is (other in listed)


def test_a_long_list_is_sorted_in_parts(tmp_path: Path) -> None:
    count = 600_000  # more than one chunk
    numbers = [f"password number {number}" for number in range(count)]
    read: list[int] = []
    out = tmp_path / "long.fingerprints"
    lines = (f"{line}\n".encode() for line in numbers)
    assert build(lines, out, progress=read.append) == count
    assert sum(read) == sum(len(line) + 1 for line in numbers)
    file = FingerprintFile(out)
    assert all(fingerprint(line) in file for line in numbers[:: count // 1000])
    assert sum(fingerprint(f"stranger {number}") in file for number in range(1000)) == 0


def test_a_list_without_passwords_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(BlocklistFileError, match="no password"):
        a_list(tmp_path, ["", ""])
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_breaks_off_leaves_the_earlier_one(tmp_path: Path) -> None:
    earlier = a_list(tmp_path, ["violet umbrella"])

    def breaking() -> Iterable[bytes]:
        yield b"green bicycle\n"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        build(breaking(), earlier, progress=silence)
    assert [path.name for path in tmp_path.iterdir()] == [earlier.name]
    assert "violet umbrella" in Blocklist([earlier])


@pytest.mark.parametrize(
    "content", [b"", b"x", b"safety-gate/pw/1", b"safety-gate/pw/1" + b"x" * 7]
)
def test_a_damaged_file_is_refused_with_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.fingerprints"
    path.write_bytes(content)
    with pytest.raises(BlocklistFileError, match="import it again"):
        Blocklist([path])


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BlocklistFileError, match=r"gone\.fingerprints"):
        Blocklist([tmp_path / "gone.fingerprints"])
