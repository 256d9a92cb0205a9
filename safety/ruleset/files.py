"""The text of rule files at one moment, from which the same ruleset can always be built again."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from safety.domain.lists import ListEntry
from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import Finding, Place, RuleFileError
from safety.ruleset.load import load_bundle, rule_files

# Far above any list; a device or a mistake must not fill the memory.
MOST_BYTES = 16 << 20
# How findings call the rules that were written at the desk; they come over all folders.
DESK = "desk"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file: in which folder, counted from the first, under which name, and what it holds."""

    folder: int
    name: str
    content: bytes


@dataclass(frozen=True)
class RuleFiles:
    """Every file of some folders. `folders` are their names, for the places of findings.

    `desk` holds the rules that were written at the desk, by id: they come over all folders.
    """

    folders: tuple[str, ...]
    files: tuple[RuleFile, ...]
    desk: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, directories: Sequence[Path]) -> "RuleFiles":
        """What the folders hold now.

        Raises `OSError` for a file that cannot be read or vanishes meanwhile, `RuleFileError` for a
        folder that is not there or a name that is no file.
        """
        files = []
        for number, directory in enumerate(directories):
            if not directory.is_dir():
                raise _refusal("no-folder", "this folder of rules is not there", directory.name)
            for path in rule_files([directory]):
                name = path.relative_to(directory).as_posix()
                files.append(RuleFile(number, name, _content(path, f"{directory.name}/{name}")))
        return cls(tuple(directory.name or "rules" for directory in directories), tuple(files))

    @classmethod
    def from_bytes(cls, kept: bytes) -> "RuleFiles":
        """The files that `to_bytes` kept."""
        return msgspec.msgpack.decode(zlib.decompress(kept), type=cls)

    def to_bytes(self) -> bytes:
        """The files in one compressed piece."""
        return zlib.compress(msgspec.msgpack.encode(self))

    @cached_property
    def digest(self) -> str:
        """A hash of every name and every byte; where the folders lie is no part of it."""
        if not self.desk:
            return self.folders_digest
        return sha256(f"{self.folders_digest}{self.mark}".encode()).hexdigest()

    @cached_property
    def folders_digest(self) -> str:
        """The same of the folders alone."""
        facts = [(one.folder, one.name, one.content) for one in self.files]
        return sha256(msgspec.msgpack.encode(facts)).hexdigest()

    @cached_property
    def mark(self) -> str:
        """A hash of what was written at the desk, its tests and comments included; empty if not."""
        return sha256(msgspec.msgpack.encode(self.desk)).hexdigest() if self.desk else ""

    def over(self, other: "RuleFiles") -> "RuleFiles":
        """These folders with the desk's rules of `other`."""
        return replace(self, desk=other.desk)

    def with_rule(self, rule_id: str, text: str) -> "RuleFiles":
        """The same with this text as the desk's rule of this id; an empty one takes it away."""
        kept = {name: known for name, known in self.desk if name != rule_id}
        if text:
            kept[rule_id] = text
        return replace(self, desk=tuple(sorted(kept.items())))

    @contextmanager
    def laid_out(self) -> Iterator[list[Path]]:
        """The files in folders of their own, for as long as the context lasts."""
        names = (*self.folders, DESK) if self.desk else self.folders
        with TemporaryDirectory(prefix="safety-rules-") as root:
            folders = [Path(root) / str(n) / name for n, name in enumerate(names)]
            for folder in folders:
                (folder / "lists").mkdir(parents=True)
            for one in self.files:
                (folders[one.folder] / one.name).write_bytes(one.content)
            for rule_id, text in self.desk:
                (folders[-1] / f"{rule_id}.yaml").write_text(text, encoding="utf-8")
            yield folders

    def load(
        self, entries: Mapping[str, Sequence[ListEntry]], *, at: float, run_tests: bool
    ) -> Bundle:
        """The ruleset of these files and list entries. Raises `RuleFileError`."""
        with self.laid_out() as folders:
            return load_bundle(folders, entries, run_tests=run_tests, at=at, mark=self.mark)


def _content(path: Path, name: str) -> bytes:
    if not path.is_file():
        if not path.exists() and not path.is_symlink():
            raise FileNotFoundError(2, "a file vanished while it was read", name)
        raise _refusal("not-a-file", "this is no file", name)
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _refusal("too-large", f"this is larger than {MOST_BYTES >> 20} MiB", name)
    return content


def _refusal(code: str, message: str, name: str) -> RuleFileError:
    return RuleFileError([Finding(code, message, Place(name, 1, 1, 1, ""))])
