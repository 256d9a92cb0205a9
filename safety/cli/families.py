"""The list of commands. A command's module is imported only when that command runs."""

from importlib import import_module
from typing import Any, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

# In the order of `--help`: what a newcomer types first stands first.
_COMMANDS = {
    "run": "Start everything here and watch it work: service, review desk, demo traffic.",
    "demo": "Send made-up traffic to a running service, or wipe what it left.",
    "replay": "Send labelled events from a file and report what was caught.",
    "serve": "Start the service for production: one worker, no demo.",
    "doctor": "Check settings, secrets, database, rules, models, disk and port.",
    "keys": "Create, list, rotate and revoke API keys.",
    "staff": "Let people into the review desk, and put them out.",
    "passwords": "Import lists of refused passwords, and try the policy on one.",
    "secrets": "Rotate and retire the keys that encrypt secrets and pepper passwords.",
    "webhooks": "Say where messages go, and look after those that did not arrive.",
    "rules": "Check, test and show rules.",
    "lists": "Add, remove and show values that rules look up.",
    "attack": "Raise the challenge level for a while, lower it, and say how it is.",
    "models": "List, compare, try and promote models; set their thresholds.",
    "train": "Build a candidate model from labelled data.",
    "encoder": "Train the second stage of the text models, and join it to the first.",
    "statements": "State the reasons for what was taken away, and report on it.",
    "db": "Bring the database's tables up to date.",
    "audit": "Verify that nobody changed the audit log.",
}


class _Context(Protocol):
    """What passes through here of the command line library's context."""


class _Deferred(TyperCommand):
    """Stands for a command until it is called; knows its name and one line of help."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the real command and let it read its arguments."""
        import_module("safety.cli.logs").quiet()
        module = import_module(f"safety.cli.{self.name}")
        real = typer.main.get_command(module.app)
        real.name = self.name
        return real.make_context(info_name, args, parent=parent, **extra)


class Families(TyperGroup):
    """The root of all commands."""

    def list_commands(self, ctx: _Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """The names, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: _Context, cmd_name: str) -> Any:  # noqa: ARG002 - as above
        """A stand-in for the named command, or None."""
        if cmd_name not in _COMMANDS:
            return None
        return _Deferred(cmd_name, help=_COMMANDS[cmd_name])
