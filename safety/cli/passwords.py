"""`safety-gate passwords`: lists of passwords that are refused, and what the policy says of one."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from safety.cli.ground import UnpreparedError
from safety.config import load_settings
from safety.domain.errors import WeakPassword
from safety.gates.blocklist import FOLDER, SUFFIX, Blocklist, files_in
from safety.gates.fingerprint_file import BlocklistFileError, FingerprintFile, build
from safety.gates.password_policy import PasswordPolicy

app = typer.Typer(no_args_is_help=True)

_BEST_SCORE = 4


@app.callback()
def family() -> None:
    """Import lists of passwords that are refused, and try the policy on one."""


@app.command("import")
def add(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="One password a line, plain or as SHA-1.")
    ],
    *,
    name: Annotated[str, typer.Option(help="What to call the list; otherwise the file's name.")] = (
        ""
    ),
) -> None:
    """Refuse the passwords of a list from the next start on. Replaces the list of that name."""
    folder = load_settings().data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    out = folder / f"{Path(name or file.stem).name}{SUFFIX}"
    shown = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with file.open("rb") as lines, Progress(*shown, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=file.stat().st_size)
        try:
            count = build(lines, out, progress=lambda read: bar.advance(task, read))
        except BlocklistFileError as error:
            raise UnpreparedError(f"{file}: {error}.") from None
    print(f"{count:,} passwords are in {out}. A running service reads it when it starts next.")


@app.command("list")
def show() -> None:
    """Show the lists of passwords that are refused."""
    for path in files_in(load_settings().data_dir / FOLDER):
        print(f"{path.name.removesuffix(SUFFIX)}: {len(FingerprintFile(path)):,} passwords")
    print(f"built in: {len(Blocklist()):,} passwords")


@app.command()
def check(
    *,
    word: Annotated[
        list[str] | None, typer.Option(help="A name or address of the user; may be repeated.")
    ] = None,
    second_factor: Annotated[
        bool, typer.Option(help="Judge it as that of an account with a second factor.")
    ] = False,
) -> None:
    """Say what the policy makes of a password, read without an echo. Exit code 1 if refused."""
    settings = load_settings()
    policy = PasswordPolicy(
        Blocklist(files_in(settings.data_dir / FOLDER)),
        minimum=settings.password_minimum,
        minimum_with_second_factor=settings.password_minimum_with_second_factor,
        product_words=[settings.totp_issuer],
    )
    password, words = _read(), word or []
    strength = policy.strength(password, words)
    print(f"It is as hard to guess as {strength.score} of {_BEST_SCORE}.")
    try:
        policy.check(password, user_words=words, has_second_factor=second_factor)
    except WeakPassword as refused:
        print(f"Refused: {refused.detail}")
        raise typer.Exit(1) from None
    print("Accepted.")


def _read() -> str:
    """The password, never from the command's arguments, which everybody on the machine can see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")
