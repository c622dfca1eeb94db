"""Decode bytes that name their charset, truly or not."""

from chalicelib.processors.text.decoding import decode_head

_SUPERSETS = {
    **dict.fromkeys(("ascii", "us-ascii", "iso-8859-1", "latin-1", "latin1", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "ks_c_5601", "ksc5601"), "cp949"),
    "big5": "cp950",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
}
"""What programs mean by a charset: mostly the code page of Windows that extends it.
https://encoding.spec.whatwg.org/#names-and-labels"""


def decode_bytes(data: bytes, charset: str | None, *, whole: bool = True) -> str:
    """Return the text; the charset is detected if it is None, unknown or wrong. `whole` says that the last
    character isn't cut."""
    if charset:
        name = charset.strip("\"' ").lower()
        for candidate in ("utf-8", _SUPERSETS.get(name, name)):  # hardly anything but UTF-8 is valid UTF-8
            if candidate == "utf-8" and data.isascii():
                continue  # stateful charsets such as ISO-2022-JP are ASCII
            if (text := _decode(data, candidate, whole)) is not None:
                return text
    return decode_head(data, whole=whole) if data else ""


def _decode(data: bytes, charset: str, whole: bool) -> str | None:
    try:
        return data.decode(charset, "strict" if whole else "ignore")
    except (LookupError, ValueError):  # ValueError: also what isn't a codec for text, or has a NUL
        return None
