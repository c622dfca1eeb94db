"""The addresses in the pages' examples."""

import re
from collections.abc import Mapping


def replace_addresses(text: str, addresses: Mapping[str, str]) -> str:
    """Return the text with other addresses, all replaced at once: the port of one may begin like another's."""
    pattern = "|".join(rf"{re.escape(address)}(?!\d)" for address in addresses)
    return re.sub(pattern, lambda match: addresses[match[0]], text)
