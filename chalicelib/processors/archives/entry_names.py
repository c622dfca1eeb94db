"""Decode the names of entries in archives that don't say which encoding they have.

Before zips could say that a name is UTF-8, each program wrote the encoding of its own system, and many still do.
Tars never say it.
"""

import codecs
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any
from zipfile import ZipInfo

from msgspec import Struct

from chalicelib.processors.text.legacy_encodings import guess_legacy_encoding

MAX_SAMPLE = 64 * 1024
"""Bytes of names from which their encoding is guessed. One name is hardly ever enough."""

MAX_NAME = 200
"""Characters of a name that are shown."""

_CANDIDATES = (
    *("cp437", "cp850", "cp852", "cp857", "cp862", "cp866", "cp720", "cp737", "cp775", "cp874"),
    *("cp932", "cp949", "big5", "gb18030"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1258", "koi8-r", "euc-jp"),
)
"""The encodings in which archives are written: code pages of DOS, those of East Asia, which Windows has too, and
others of Windows and Unix."""

_MIN_UTF_8, _THREE_BYTES = 4, "\u0800"
"""Valid characters from which on names are certainly UTF-8, as they are with one of three bytes. A short Chinese
word in GBK may be valid UTF-8, too."""

_UTF_8_FLAG = 0x800
"""General purpose bit 11 says that a name is UTF-8. APPNOTE 4.4.4"""

_UNICODE_PATH = 0x7075
"""The extra field that repeats a name in UTF-8. APPNOTE 4.6.9"""


class NamesEncoding(Struct, frozen=True):
    """The encoding of the names in an archive, by Python's name."""

    name: str
    guessed: bool

    def facts(self) -> dict[str, Any]:
        """Return `names_encoding`, and `names_guessed` if it is."""
        return {"names_encoding": self.name, "names_guessed": self.guessed or None}


def decode_zip_names(entries: Sequence[ZipInfo], count: int) -> dict[str, Any]:
    """Return the first `count` names as `names`.

    If the archive doesn't say how they are encoded, `names_encoding` does, and `names_guessed` is true if that may
    be wrong.
    """
    known = {index: _known_name(entry) for index, entry in enumerate(entries[:count])}
    unknown = [_raw_name(entry) for entry in entries if not _is_certain(entry)]
    encoding = detect_names_encoding(unknown)
    codec = encoding.name if encoding else "cp437"
    names = [
        name if (name := known[index]) is not None else _raw_name(entry).decode(codec, "replace")
        for index, entry in enumerate(entries[:count])
    ]
    return {"names": [name[:MAX_NAME] for name in names], **(encoding.facts() if encoding else {})}


def decode_tar_names(names: Sequence[str], sample: Iterable[bytes]) -> dict[str, Any]:
    """Return the same for names that tarfile decoded as UTF-8; `sample` are those, perhaps of more entries, that
    weren't."""
    encoding = detect_names_encoding(sample)
    if encoding is None:
        return {"names": [name[:MAX_NAME] for name in names]}
    decoded = [
        raw_tar_name(name).decode(encoding.name, "replace") if is_undecoded(name) else name for name in names
    ]
    return {"names": [name[:MAX_NAME] for name in decoded], **encoding.facts()}


def is_undecoded(name: str) -> bool:
    """Return whether tarfile couldn't decode the name as UTF-8. It then has half surrogates in place of bytes."""
    return any("\udc80" <= char <= "\udcff" for char in name)


def raw_tar_name(name: str) -> bytes:
    """Return the bytes of a name that tarfile decoded."""
    return name.encode("utf-8", "surrogateescape")


def detect_names_encoding(names: Iterable[bytes]) -> NamesEncoding | None:
    """Return the encoding, one for all of the names; None if there are none, or ASCII alone."""
    sample = b"\n".join(name for name in names if not name.isascii())[:MAX_SAMPLE]
    if not sample:
        return None
    if (text := _decode_utf_8(sample)) is not None:
        characters = [char for char in text if not char.isascii()]
        return NamesEncoding("utf-8", len(characters) < _MIN_UTF_8 and max(characters) < _THREE_BYTES)
    return NamesEncoding(guess_legacy_encoding(sample, _CANDIDATES) or "cp437", guessed=True)


def _decode_utf_8(sample: bytes) -> str | None:
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(sample)  # the last one may be cut
    except UnicodeDecodeError:
        return None


def _is_certain(entry: ZipInfo) -> bool:
    return bool(entry.flag_bits & _UTF_8_FLAG) or entry.orig_filename.isascii() or _unicode_path(entry) is not None


def _known_name(entry: ZipInfo) -> str | None:
    """Return the name if the archive says how it is encoded."""
    return _unicode_path(entry) or (entry.orig_filename if _is_certain(entry) else None)


def _raw_name(entry: ZipInfo) -> bytes:
    """Return the bytes of a name, which zipfile decodes as cp437."""
    return entry.orig_filename.encode("cp437", "replace")


def _unicode_path(entry: ZipInfo) -> str | None:
    """Return the name from the extra field, unless the entry was renamed by a program that doesn't know the field:
    it has a checksum of the name that it belongs to."""
    extra = entry.extra
    while len(extra) >= 4:
        field, length = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + length], extra[4 + length :]
        if field == _UNICODE_PATH and len(data) > 5 and data[0] == 1 and not entry.flag_bits & _UTF_8_FLAG:
            is_current = int.from_bytes(data[1:5], "little") == zlib.crc32(_raw_name(entry))
            return data[5:].decode("utf-8", "replace") if is_current else None
    return None
