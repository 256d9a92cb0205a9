"""`safety-gate staff`: who works at the review desk, and how they get in."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from safety.accounts.members import Members, MemberView
from safety.accounts.staff_values import Lasting
from safety.cli.addresses import invitation_url, noted_url, sign_in_url
from safety.cli.ground import Ground, installed, new_id, now, operator
from safety.domain.access import Role

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Small letters, digits, '-' and '_'.")]
Url = Annotated[str, typer.Option(help="Where the service is, if not as configured.")]


@app.callback()
def family() -> None:
    """Let people into the review desk, and put them out."""


@app.command()
def link(
    name: Annotated[str, typer.Option(help="Who signs in.")] = "admin",
    role: Annotated[
        Role | None,
        typer.Option(help="For a new name; unless said, admin for the first and moderator after."),
    ] = None,
    url: Url = "",
) -> None:
    """Print a link that signs one person in, once, within 30 minutes. A second factor is asked."""
    with installed() as ground:
        members = members_of(ground)
        token = members.sign_in_link(name, role or first_role(members), operator())
        print(sign_in_url(url or noted_url(ground.settings), token))
    _say_how_long()


@app.command()
def invite(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they are here for.")] = Role.MODERATOR,
    url: Url = "",
) -> None:
    """Add somebody and print the link with which they choose a password."""
    with installed() as ground:
        token = members_of(ground).invite(name, role, operator())
        print(invitation_url(url or noted_url(ground.settings), token))
    _say_how_long()


@app.command("list")
def show() -> None:
    """List the members of the staff."""
    with installed() as ground:
        found = members_of(ground).everybody()
    table = Table("name", "role", "password", "second factor", "invited by", "state")
    for each in found:
        table.add_row(*_cells(each))
    Console().print(table)


@app.command()
def role(name: Name, role: Annotated[Role, typer.Argument(help="The new one.")]) -> None:
    """Change what somebody may do; their sessions end."""
    with installed() as ground:
        members = members_of(ground)
        members.set_role(members.named(name).account_id, role, operator())
    print(f"{name} is {role.value} now.")


@app.command()
def disable(name: Name) -> None:
    """Put somebody out at once: their sessions and links end."""
    with installed() as ground:
        members = members_of(ground)
        members.disable(members.named(name).account_id, operator())
    print(f"{name} is disabled.")


@app.command()
def enable(name: Name) -> None:
    """Let somebody in again who was disabled."""
    with installed() as ground:
        members = members_of(ground)
        members.enable(members.named(name).account_id, operator())
    print(f"{name} may come in again.")


@app.command()
def reset(name: Name) -> None:
    """Remove the second factor of somebody who lost phone and codes; they enrol anew."""
    with installed() as ground:
        members = members_of(ground)
        members.reset_second_factor(members.named(name).account_id, operator())
    print(f"{name} has no second factor now. Let them in with `safety-gate staff link`.")


def members_of(ground: Ground) -> Members:
    """The members of an installation."""
    return Members(ground.engine, now, new_id, ground.audit_key)


def first_role(members: Members) -> Role:
    """Somebody has to let the others in: the first member of all is an admin."""
    return Role.MODERATOR if members.everybody() else Role.ADMIN


def _cells(view: MemberView) -> tuple[str, ...]:
    member = view.member
    return (
        member.name,
        member.role.value,
        "yes" if view.has_password else "no",
        "yes" if view.has_second_factor else "no",
        member.invited_by,
        "may come in" if member.disabled_at is None else "disabled",
    )


def _say_how_long() -> None:
    print(f"It works once, for {Lasting().link / 60:.0f} minutes.", file=sys.stderr)
