"""API tokens: random texts that a client sends with each request.

    flt_Hn3bT0aVx2Y8uQkJ4cR7sLmZ1wPdE6fG0a1B2c

A prefix by which scanners of leaked secrets find them, 32 random characters (190 bits), and 6 characters that
check the others, so that a mistyped or truncated one is refused without a statement, and a scanner knows a real
one from a text like it. https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
"""

import secrets
import string
from hashlib import sha256
from zlib import crc32

PREFIX = "flt_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_LENGTH = 32
_CHECK_LENGTH = 6
"""CRC-32's 32 bits in base 62."""


def generate_token() -> str:
    """Return a new token."""
    start = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return start + _check(start)


def is_api_token(text: str) -> bool:
    """Return whether the text is one that `generate_token` may have returned."""
    start, check = text[:-_CHECK_LENGTH], text[-_CHECK_LENGTH:]
    has_length = len(text) == len(PREFIX) + _RANDOM_LENGTH + _CHECK_LENGTH
    return has_length and text.isascii() and text.startswith(PREFIX) and check == _check(start)


def digest_of(token: str) -> bytes:
    """Return what the database has of a token. A plain SHA-256 is enough, because
    a token is random: unlike a password, it can't be guessed."""
    return sha256(token.encode()).digest()


def _check(start: str) -> str:
    remainder, digits = crc32(start.encode()), ""
    for _ in range(_CHECK_LENGTH):
        remainder, digit = divmod(remainder, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
