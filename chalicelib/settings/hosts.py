"""Hosts: whether other machines reach them."""

from ipaddress import ip_address


def is_of_this_machine(host: str) -> bool:
    """Return whether the host is this machine itself, or a container on it: a name without a dot."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return "." not in host or host.endswith(".localhost")
