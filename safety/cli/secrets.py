"""`safety-gate secrets`: the keys that change, those of the vault and the peppers of passwords."""

import json
import secrets
import time
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from safety.accounts.resealing import Resealed, keys_in_use, reseal_all
from safety.cli.ground import Ground, UnpreparedError, installed, now, operator
from safety.gates import keyring_file
from safety.gates.keyring_file import KeyRings
from safety.gates.vault import KEY_BYTES, Vault
from safety.store import audit
from safety.store.engine import write

app = typer.Typer(no_args_is_help=True)

# A running service looks at the key ring every second; nothing is sealed anew before it has.
_NOTICED_SECONDS = 3.0


class Ring(StrEnum):
    """Which keys."""

    VAULT = "vault"
    PEPPER = "pepper"


@app.callback()
def family() -> None:
    """Rotate, retire and list the keys that encrypt secrets and pepper passwords."""


@app.command("list")
def show() -> None:
    """List the keys by their ids, and how much each of the vault has sealed."""
    with installed() as ground:
        rings, used = _read(ground), keys_in_use(ground.engine)
    table = Table("ring", "id", "state", "sealed")
    for key_id in rings.vault.keys:
        table.add_row("vault", key_id, _state(key_id, rings.vault.active), str(used[key_id]))
    for key_id in rings.password.keys:
        table.add_row("pepper", key_id, _state(key_id, rings.password.active), "-")
    Console().print(table)


@app.command()
def rotate(which: Annotated[Ring, typer.Argument(help="Which keys.")]) -> None:
    """Make a new key and use it from now on. The ones before still open what they have sealed."""
    with installed() as ground:
        if which is Ring.PEPPER:
            rings = _change(ground, lambda rings: rings.with_pepper(_fresh()))
            _note(ground, "pepper.rotated", rings.password.active or "")
            print(f"New passwords are hashed with pepper {rings.password.active}; older hashes are")
            print("renewed at their owners' next login. Restart every process of the service now.")
            return
        rings = _change(ground, lambda rings: rings.with_vault_key(_fresh()))
        _note(ground, "vault.rotated", rings.vault.active)
        time.sleep(_NOTICED_SECONDS)
        result = _resealed(ground, rings)
    print(f"Key {rings.vault.active} seals from now on; {result.resealed} rows were sealed again.")
    if result.unreadable:
        print(f"{result.unreadable} rows cannot be opened: see `safety-gate secrets list`.")
        raise typer.Exit(1)
    print("`safety-gate secrets retire vault ID` removes the old key.")


@app.command()
def retire(
    which: Annotated[Ring, typer.Argument(help="Which keys; a pepper stays for ever.")],
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `secrets list` shows it.")],
) -> None:
    """Remove an old key of the vault. Refused while anything is sealed with it."""
    if which is Ring.PEPPER:
        raise typer.BadParameter("a hash of somebody who has not come back may still need it")
    with installed() as ground:
        _resealed(ground, _read(ground))  # what was written in the second after the rotation
        if left := keys_in_use(ground.engine)[key_id]:
            raise UnpreparedError(
                f"{left} rows are still sealed with {key_id}: run `safety-gate secrets rotate "
                "vault`, and see in `safety-gate secrets list` whether they can be opened."
            )
        _change(ground, lambda rings: rings.without_vault_key(key_id))
        _note(ground, "vault.key_retired", key_id)
    print(f"Key {key_id} is gone: nothing was sealed with it any more.")


def _resealed(ground: Ground, rings: KeyRings) -> Resealed:
    shown = (TextColumn("sealing again"), BarColumn(), MofNCompleteColumn())
    total = keys_in_use(ground.engine).total()
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        return reseal_all(ground.engine, Vault(rings.vault), lambda rows: bar.advance(task, rows))


def _read(ground: Ground) -> KeyRings:
    try:
        return keyring_file.load_or_create(ground.settings.keyring_file)
    except ValueError as error:
        raise UnpreparedError(str(error)) from None


def _change(ground: Ground, changed: keyring_file.Change) -> KeyRings:
    _read(ground)
    try:
        return keyring_file.change(ground.settings.keyring_file, changed)
    except ValueError as error:
        raise UnpreparedError(str(error)) from None


def _note(ground: Ground, action: str, key_id: str) -> None:
    details = json.dumps({"key": key_id}).encode("ascii")
    event = audit.AuditEvent(now(), operator(), action, key_id, details)
    with write(ground.engine) as connection:
        audit.append(connection, event, key=ground.audit_key)


def _fresh() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _state(key_id: str, active: str | None) -> str:
    return "active" if key_id == active else "opens only"
