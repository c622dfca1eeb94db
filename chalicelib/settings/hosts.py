"""Hosts: whether other machines reach them."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  # nosec B104  # what is refused without authentication

_LOCAL_NAME = r"(?:[a-z0-9_-]+\.)*localhost|[a-z][a-z0-9_-]*"
"""`localhost` and names below it, or one without a dot. It begins with a letter: browsers take a number for an
IPv4 address, and write other letters and dots in ASCII. https://url.spec.whatwg.org/#concept-host-parser"""


def is_loopback_address(address: str) -> bool:
    """Return whether a server that listens at this address accepts connections from this machine only."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def find_listening_address(arguments: Sequence[str]) -> str | None:
    """Return the `--host` of `chalice local`, given its command line; None if it isn't that, or has none.

    The app can't ask Chalice: it is imported in another thread than the command's.
    """
    if "local" not in arguments:
        return None
    hosts = [value for name, value in zip(arguments, [*arguments[1:], ""], strict=True) if name == "--host"]
    hosts += [each.removeprefix("--host=") for each in arguments if each.startswith("--host=")]
    return next((host or EVERY_ADDRESS for host in hosts if not is_loopback_address(host)), None)


def is_of_this_machine(host: str) -> bool:
    """Return whether the host is this machine itself, or a container on it: a name without a dot."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return re.fullmatch(_LOCAL_NAME, host) is not None


def is_of_aws(host: str) -> bool:
    """Return whether the host is one of AWS's own, such as an endpoint of S3 in a VPC, and no emulator."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
