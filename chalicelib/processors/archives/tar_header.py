"""Recognize a tar by its first header, without loading tarfile."""

import re

TAR_HEADER = 512
"""Bytes."""

_TAR_NUMBERS = re.compile(rb"[0-7 \0]{48} *([0-7]+)[ \0]*")
"""Mode, owner, group, size and time of a tar's entry, in octal digits, and in the last eight bytes a checksum."""


def is_tar(head: bytes) -> bool:
    """Return whether the bytes, at least TAR_HEADER of them, begin with a tar's header. IEEE Std 1003.1, pax,
    "ustar Interchange Format".

    Unix V7's, and those of programs that still write it, have no magic. They are recognized by a name, a
    zero at the end, numbers where they belong, and a correct checksum: the sum of all bytes, with spaces in its
    own place.
    """
    if head[257:262] == b"ustar":
        return True
    numbers = _TAR_NUMBERS.fullmatch(head[100:156])
    if len(head) < TAR_HEADER or head[0] == 0 or head[TAR_HEADER - 1] != 0 or numbers is None:
        return False
    return int(numbers[1], 8) == sum(head[:148]) + 8 * ord(" ") + sum(head[156:TAR_HEADER])
