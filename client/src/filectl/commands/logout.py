"""`filectl logout`."""

import os

import click

from filectl.errors import TOKEN_VARIABLE, UsageError
from filectl.invocation import Invocation, common_options


@click.command
@click.argument("service", metavar="[URL]", required=False)
@common_options
@click.pass_obj
def logout(invocation: Invocation, service: str | None) -> None:
    """Remove the stored token for the service at URL.

    The token itself stays valid: see filectl token revoke.
    """
    url = invocation.find_url(service)
    if not invocation.stored_tokens.remove(url):
        raise UsageError(f"There is no stored token for {url}.")
    if invocation.output.as_json:
        invocation.output.write_json({"url": url, "removed": True})
    if os.environ.get(TOKEN_VARIABLE):
        invocation.output.warn(f"{TOKEN_VARIABLE} is set: filectl goes on sending it.")
