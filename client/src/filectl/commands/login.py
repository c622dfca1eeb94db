"""`filectl login`."""

import os
import sys
from getpass import getpass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from filectl.caller_table import write_caller
from filectl.configuration import URL_VARIABLE, check_token, find_url
from filectl.errors import TOKEN_VARIABLE, CommandError, Problem, UsageError
from filectl.exit_statuses import ExitStatus
from filectl.invocation import Invocation, common_options
from filectl.output import Output
from filectl.stored_tokens import normal_url

if TYPE_CHECKING:
    from file_loader_client import Caller


@click.command
@click.argument("arguments", metavar="[URL]", nargs=-1)
@click.option("--token-stdin", "from_stdin", is_flag=True, help="Read the token from standard input.")
@common_options
@click.pass_obj
def login(invocation: Invocation, arguments: tuple[str, ...], from_stdin: bool) -> None:
    """Store a token for the service at URL.

    It is asked for, without showing it, and the service is asked whose it is. It is stored in a file that only you
    can read, and sent to this service only.

    From then on filectl uses this service unless another one is given, also one that needs no token.
    """
    output = invocation.output
    if len(arguments) > 1:
        raise UsageError(
            "A token isn't an argument: other users would see it. filectl asks for it; programs give it with "
            "--token-stdin."
        )
    url = invocation.find_url(*arguments)
    token = None
    caller = _ask_without_token(url)
    if caller is None:
        token = _read_token(url, output, from_stdin=from_stdin)
        caller = _ask_whose(url, token)
    stored = invocation.stored_tokens
    stored.store(url, token)
    write_caller(output, url, caller)
    output.warn(f"The token is stored in {stored.path}." if token else f"{url} needs no token.")
    _warn_of_others(invocation, output, url, has_token=token is not None)


def _ask_without_token(url: str) -> "Caller | None":
    """Return the caller at a service that needs no token, None if it needs one.

    Another server must not get the token: its 401 doesn't have this service's form.
    """
    from file_loader_client import AuthenticationError, Client

    try:
        with Client(url) as client:
            return client.me()
    except AuthenticationError as error:
        if error.code != "unauthorized":
            raise
        return None


def _ask_whose(url: str, token: str) -> "Caller":
    """Return the caller with this token. Raises CommandError if the service doesn't accept it."""
    from file_loader_client import AuthenticationError, Client

    try:
        with Client(url, token) as client:
            return client.me()
    except AuthenticationError as error:
        problem = Problem(ExitStatus.SERVICE_FAILED, error.code, f"{error.message} Nothing was stored.")
        raise CommandError(problem) from None


def _read_token(url: str, output: Output, *, from_stdin: bool) -> str:
    """Return what the user types or pastes, or the line on standard input. Raises UsageError."""
    if _is_readable_on_the_way(url):
        output.warn(f"{url} isn't encrypted: others on the way can read the token.")
    if not from_stdin and not sys.stdin.isatty():
        raise UsageError("Standard input isn't a terminal: give the token there, with --token-stdin.")
    try:
        token = (sys.stdin.readline() if from_stdin else getpass(f"Token for {url}: ")).strip()
    except EOFError:
        token = ""
    if not token:
        raise UsageError("There is no token.")
    output.hide(token)
    return check_token(token)


def _is_readable_on_the_way(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_local = ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "http" and not is_local


def _warn_of_others(invocation: Invocation, output: Output, url: str, *, has_token: bool) -> None:
    """Warn of what comes before the login."""
    if has_token and os.environ.get(TOKEN_VARIABLE):
        output.warn(f"{TOKEN_VARIABLE} is set and comes before it.")
    used = find_url(None, invocation.config, os.environ, invocation.stored_tokens)
    if normal_url(used) != normal_url(url):
        output.warn(f"Without --url, filectl uses {used}, from {URL_VARIABLE} or the configuration file.")
