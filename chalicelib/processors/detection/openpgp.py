"""Detect binary OpenPGP files by their first packet. RFC 9580, 4.2"""

_KEY_ALGORITHMS = {1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28}
"""RFC 9580, 9.1"""

_TYPES = {
    5: "application/pgp-keys",
    6: "application/pgp-keys",
    1: "application/pgp-encrypted",
    3: "application/pgp-encrypted",
    2: "application/pgp-signature",
}
"""By the packet's tag: keys, session keys, and signatures."""

_LENGTH_OCTETS = {0: 1, 1: 2, 2: 4}


def match_openpgp(head: bytes) -> str | None:
    """Match a packet's tag and length, and the version, time or algorithm within, which are among few."""
    if len(head) < 16 or head[0] & 0x80 == 0:
        return None
    if head[0] & 0x40:
        tag, begin = head[0] & 0x3F, 2 if head[1] < 192 else 3
    else:
        tag, begin = head[0] >> 2 & 0x0F, 1 + _LENGTH_OCTETS.get(head[0] & 3, 0)
    body = head[begin:]
    return _TYPES[tag] if tag in _TYPES and begin > 1 and _fits(tag, body) else None


def _fits(tag: int, body: bytes) -> bool:
    if tag in {5, 6}:
        return body[0] == 4 and int.from_bytes(body[1:5]) > 0x30000000 and body[5] in _KEY_ALGORITHMS
    if tag == 1:
        return body[0] == 3 and body[9] in {1, 2, 16, 18}
    if tag == 3:
        return body[0] == 4 and 1 <= body[1] <= 13 and body[2] in {0, 1, 3, 4} and 1 <= body[3] <= 14
    return body[0] == 4 and body[1] <= 0x50 and body[2] in _KEY_ALGORITHMS and 1 <= body[3] <= 14
