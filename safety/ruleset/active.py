"""Holds the ruleset in force and swaps it for a newer one; a bad one never replaces a good one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import structlog

from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import file_stamps

_log = structlog.get_logger()


class ActiveRuleset:
    """The bundle that decisions read. Readers take the reference once and keep it for one event.

    `directories` are watched by `changed`; `clock` gives Unix seconds. The first load raises
    `RuleFileError`; later ones keep the old bundle and say in `error` what is wrong.
    """

    def __init__(
        self,
        load: Callable[[], Bundle],
        *,
        clock: Callable[[], float],
        directories: Sequence[Path] = (),
    ) -> None:
        self._load = load
        self._clock = clock
        self._directories = tuple(directories)
        self._reloading = Lock()
        self._stamp = file_stamps(self._directories)
        self.bundle = load()
        self.error: str | None = None
        self.loaded_at = clock()

    def reload(self) -> bool:
        """Load again. False: the files are wrong, `error` says how, and the old bundle stays."""
        with self._reloading:
            self._stamp = file_stamps(self._directories)
            try:
                bundle = self._load()
            except RuleFileError as trouble:
                return self._refused(trouble.render())
            except OSError as trouble:
                return self._refused(f"the rule files cannot be read: {trouble.strerror}")
            except Exception as fault:  # noqa: BLE001  whatever it is, it must not stay unseen
                return self._refused(f"the rules cannot be loaded: {type(fault).__name__}")
            self.bundle = bundle
            self.error = None
            self.loaded_at = self._clock()
            _log.info("ruleset_loaded", version=_short(bundle), rules=len(bundle.rules))
            return True

    def _refused(self, message: str) -> bool:
        self.error = message
        _log.error("ruleset_refused", kept=_short(self.bundle))
        return False

    def changed(self) -> bool:
        """Whether any rule file was added, removed or written since the last load."""
        return file_stamps(self._directories) != self._stamp


def _short(bundle: Bundle) -> str:
    """The version as decisions carry it."""
    return bundle.version[:12]
