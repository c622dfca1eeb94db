"""`filectl token create`, `list` and `revoke`."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from filectl.durations import Duration
from filectl.invocation import Invocation, common_options
from filectl.text import local_time
from filectl.token_table import write_tokens

if TYPE_CHECKING:
    from file_loader_client import CreatedToken

SCOPES = ("read", "write", "admin")


@click.group
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command
@click.option("--name", metavar="NAME", required=True, help="What it is for, such as the program or machine.")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="write",
    show_default=True,
    help="What it allows; each scope includes those before it.",
)
@click.option(
    "--expires-in", type=Duration(), metavar="TIME", help="Such as 12h or 90d. By default it never does."
)
@common_options
@click.pass_obj
def create(invocation: Invocation, name: str, scope: str, expires_in: int | None) -> None:
    """Create an API token and print it. It can't be shown again.

    Only the token is on standard output. It is yours, or with --owner of that owner, which only administrators may
    do. With --json, the token as the service has it.
    """
    with invocation.connect() as client:
        created = client.create_token(name, owner=invocation.owner, scopes=[scope], expires_in=expires_in)
    if invocation.output.as_json:
        invocation.output.write_json(created)
        return
    invocation.output.write(created.token)
    invocation.output.warn(_describe(created))


def _describe(created: "CreatedToken") -> str:
    end = f"expires {local_time(created.expires_at)}" if created.expires_at else "doesn't expire"
    return (
        f"This is token {created.id}, {created.name!r}, of {created.owner}, with the scope "
        f"{', '.join(created.scopes)}. It {end}. Store it now: it can't be shown again."
    )


@token.command("list")
@click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, help="How many at most; 0 for all."
)
@common_options
@click.pass_obj
def list_tokens(invocation: Invocation, limit: int) -> None:
    """List API tokens, the newest first: yours, or of administrators all.

    \b
    On a terminal, a table. Otherwise a line for each token, with tabs between:
    id, state, scopes, owner, times of creation, expiry and last use, name.
    The state is valid, expired or revoked.
    With --json, an array of the tokens as the service has them.
    """
    with invocation.connect() as client:
        found = client.tokens()
        write_tokens(invocation.output, list(islice(found, limit or None)))
        if limit and next(found, None):
            invocation.output.warn(
                f"These are the first {limit} tokens. There are more: use --limit, or 0 for all."
            )


@token.command
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@common_options
@click.pass_obj
def revoke(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Revoke API tokens: from now on the service refuses them.

    An id that doesn't exist is an error (exit status 3); the others are still revoked.
    """
    with invocation.connect() as client:

        def revoke_one(token_id: str) -> None:
            client.revoke_token(token_id)
            if invocation.output.as_json:
                invocation.output.write_json({"id": token_id, "revoked": True})

        invocation.try_each(ids, revoke_one)
