"""Distinguishing text from binary data."""

import random
import struct

import pytest

from chalicelib.processors.text.is_text import is_text
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode
from tests.processors.analyze import analyze_bytes

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.\r\n",
    "Grüße aus Köln, été à Málaga\n",
    "Все счастливые семьи похожи друг на друга,\n",
    "Όλες οι ευτυχισμένες οικογένειες μοιάζουν\n",
    "כל המשפחות המאושרות דומות זו לזו\n",
    "كل العائلات السعيدة متشابهة\n",
    "すべての幸せな家庭は似ている。\n",
    "幸福的家庭都是相似的,不幸的家庭各有各的不幸。\n",
    "행복한 가정은 모두 비슷하다.\n",
    "ครอบครัวที่มีความสุขล้วนเหมือนกัน\n",
    "सभी सुखी परिवार एक जैसे होते हैं।\n",
    "1000;2000;3000\r\n",
    "🙂 fine 🙃 thanks\n",
]


@pytest.mark.parametrize(
    "content",
    [
        b"DOS text\r\n\x1a",
        b"DOS text\r\n" + b"\x1a" * 100,
        b"Ready\a\r\n",
        b"id,name\r\n1,two\vlines\r\n",
        b"a line with one\0zero byte\n",
        b"B\bBO\bOL\bLD\bD\n",
        b"\x1b[31mred\x1b[0m\n",
        b"\xef\xbb\xbfmarked\n",
        "Grüße".encode("latin-1"),
        "Grüße aus Köln\0\r\n".encode("utf-16"),
        b"\xff\xfe",
    ],
)
def test_texts_with_control_characters(content: bytes) -> None:
    assert is_text(content)
    assert analyze_bytes(content).detected_type.startswith("text/")


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)),
        b"a\0b",
        b"\0\n%PDF-1.7\n",
        b"\xef\xbb\xbf" + bytes(range(32)) * 10,
        b"\xff\xfe" + struct.pack("<30H", *range(1, 31)),
        random.Random(1).randbytes(8192),
        struct.pack("<2000h", *(round(3000 * (i % 50 - 25) / 25) for i in range(2000))),
        struct.pack("<2000H", *range(2000)),
        struct.pack("<500I", *range(500)),
        struct.pack(">500d", *(i / 7 for i in range(500))),
        b"name\0\1\2" * 100,
        b"\xe4\xf6\xfc\xdf" * 20 + b"\0",
    ],
)
def test_binary_data_is_no_text(content: bytes) -> None:
    assert not is_text(content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_unicode_without_byte_order_mark(encoding: str, sentence: str) -> None:
    content = sentence.encode(encoding)
    assert detect_unmarked_unicode(content) == encoding
    assert detect_unmarked_unicode(content * 1000) == encoding
    assert detect_unmarked_unicode((content * 2)[:-1]) == encoding
    assert is_text(content)


@pytest.mark.parametrize(
    "content",
    [
        *("Bush hid the facts".encode(encoding) for encoding in ("ascii", "cp037")),
        "Grüße aus Köln".encode("cp1252"),
        "幸福的家庭都是相似的".encode("gbk"),
        struct.pack("<4H", 65, 66, 1, 2),
        b"a\0b\0",
        b"QUJDREVGR0hJSktM\0TU5PUFFSU1RVVldYW",
        b"",
        bytes(100),
    ],
)
def test_what_is_no_unmarked_unicode(content: bytes) -> None:
    assert detect_unmarked_unicode(content) is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_table_and_json_in_unmarked_utf_16(encoding: str) -> None:
    table = analyze_bytes("id;größe\r\n1;2\r\n3;4\r\n".encode(encoding))
    assert (table.detected_type, table.result["csv"]["encoding"]) == ("text/csv", encoding)
    assert [column["name"] for column in table.result["csv"]["columns"]] == ["id", "größe"]
    document = analyze_bytes('{"größe": 1}'.encode(encoding))
    assert (document.detected_type, document.result["json"]["keys"]) == ("application/json", ["größe"])
