"""`filectl whoami`."""

import click

from filectl.caller_table import write_caller
from filectl.invocation import Invocation, common_options


@click.command
@common_options
@click.pass_obj
def whoami(invocation: Invocation) -> None:
    """Show for whom the service takes you, and what your token allows."""
    connection = invocation.find_connection()
    with invocation.connect(connection) as client:
        write_caller(invocation.output, connection.url, client.me())
