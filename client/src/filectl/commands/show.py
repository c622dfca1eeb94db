"""`filectl show`."""

import click

from filectl.invocation import Invocation, common_options


@click.command
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@common_options
@click.pass_obj
def show(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """Show all that is known of files.

    With --json, one line for each file, as the service has it.
    """
    from filectl.file_table import write_file

    with invocation.connect() as client:
        invocation.try_each(ids, lambda file_id: write_file(invocation.output, client.file(file_id)))
