"""Holds the ruleset in force and what is wrong with the files that should replace it."""

import structlog

from safety.ruleset.bundle import Bundle

_log = structlog.get_logger()
_SHOWN = 12


class ActiveRuleset:
    """The bundle that decisions read. Readers take the reference once and keep it for one event.

    `error` says why newer files are not in force; None while everything is as it should be.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.error: str | None = None

    def use(self, bundle: Bundle) -> None:
        """Swap the whole ruleset by one reference."""
        self.bundle = bundle
        _log.info("ruleset_loaded", version=bundle.version[:_SHOWN], rules=len(bundle.rules))

    def refuse(self, message: str) -> None:
        """Keep what is in force and say why."""
        self.error = message
        _log.error("ruleset_refused", kept=self.bundle.version[:_SHOWN])

    def accept(self) -> None:
        """The files and what is in force agree again."""
        self.error = None
