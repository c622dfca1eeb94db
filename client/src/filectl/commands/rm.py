"""`filectl rm`."""

import click

from filectl.invocation import Invocation, common_options


@click.command
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@common_options
@click.pass_obj
def rm(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Delete files and their content, without asking.

    An id that doesn't exist is an error (exit status 3); the others are still deleted.
    """
    with invocation.connect() as client:

        def delete(file_id: str) -> None:
            client.delete(file_id)
            if invocation.output.as_json:
                invocation.output.write_json({"id": file_id, "deleted": True})

        invocation.try_each(ids, delete)
