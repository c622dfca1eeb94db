"""Detection of self-describing text."""

import pytest

from chalicelib.processors.detection.markup import detect_markup
from chalicelib.processors.detection.text_signatures import TABLE, TextSignature
from tests.processors.detect_bytes import detect_bytes
from tests.processors.text_samples import MARKUP_SAMPLES, PLAIN_TEXTS, TEXT_SAMPLES

SAMPLES = [
    (media_type, text)
    for samples in (TEXT_SAMPLES, MARKUP_SAMPLES)
    for media_type, texts in samples.items()
    for text in texts
]


@pytest.mark.parametrize(("media_type", "text"), SAMPLES)
def test_self_describing_text(media_type: str, text: str) -> None:
    assert detect_bytes(text.encode()) == media_type
    assert detect_bytes(b"\n" + text.encode()) == media_type
    assert detect_bytes(text.encode("utf-8-sig")) == media_type
    assert detect_bytes(text.encode("utf-16")) == media_type


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.pattern or row.begin)
def test_each_row_of_the_table_has_a_sample(row: TextSignature) -> None:
    texts = [text.lstrip("\ufeff \n").replace("\r\n", "\n").replace("\r", "\n") for _, text in SAMPLES]
    assert any(row.matches(text) for text in texts), "add a text to TEXT_SAMPLES"


@pytest.mark.parametrize("text", PLAIN_TEXTS)
def test_texts_that_only_begin_alike(text: str) -> None:
    assert detect_bytes(text.encode()) == "text/plain"


HEADER = "From: A <a@example.com>\nTo: b@example.com\nSubject: x\n"
DATE = "Date: Thu, 29 Feb 2024 12:30:15 +0100\n"


RECIPIENTS = "someone@example.com,\n "


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        (f"MIME-Version: 1.0\n{HEADER}\nHello\n", "message/rfc822"),
        (f"{HEADER}{DATE}\nHello\n", "message/rfc822"),
        (f"Received: from x\n by y;\n\tThu, 29 Feb 2024 12:30:15 +0100\n{HEADER}\n", "message/rfc822"),
        (f"Return-Path: <a@example.com>\n{HEADER}\n", "message/rfc822"),
        (f"X-Mozilla-Status: 0001\n{HEADER}MESSAGE-ID: <1@x>\n\nHello\n", "message/rfc822"),
        (f"DKIM-Signature: v=1;\n {'x' * 9000}\n{HEADER}\n", "text/plain"),
        (f"{HEADER}Received: {'x' * 9000}\n\n", "message/rfc822"),
        (
            f"From: a@example.com\nTo: {RECIPIENTS * 500}b@example.com\nMessage-ID: <1@x>\n\nHello\n",
            "message/rfc822",
        ),
        (f"From: a@example.com\nTo: {RECIPIENTS * 10}b@example.com\n\nHello\n", "text/plain"),
        (f"Message-ID: <1@x>\nContent-Type: multipart/related\n{HEADER}\n", "message/rfc822"),
        (f"From a@example.com Thu Feb 29 12:30:15 2024\n{HEADER}\nHello\n", "application/mbox"),
        (f"From - Thu Feb  1 12:30:15 2024\nX-Mozilla-Status: 0001\n{HEADER}\nHello\n", "application/mbox"),
        (f"From a@b Thu Feb 29 12:30 +0100 2024\n{HEADER}\nHello\n", "application/mbox"),
        ("From a@b Thu Feb 29 12:30:15 2024\nI have been away\n", "text/plain"),
        (
            "From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=b\n\n",
            "multipart/related",
        ),
        ("MIME-Version: 1.0\nContent-Type: Multipart/Related; boundary=b\n\n--b\n", "multipart/related"),
        ("Content-Type: multipart/related; boundary=b\n\n--b\n", "text/plain"),
    ],
)
def test_mail_is_detected(text: str, media_type: str) -> None:
    assert detect_bytes(text.encode()) == media_type
    assert detect_bytes(text.replace("\n", "\r\n").encode()) == media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xef\xbb\xbf%PDF-1.4\n1 0 obj\n", "application/pdf"),
        (b"\n\n%PDF-1.4\n", "application/pdf"),
        (b"\0\0\n%PDF-1.4\n", "application/pdf"),
        (b"Warning: x in y.php\n%PDF-1.4\n%comment\n1 0 obj\n<<>>\n", "application/pdf"),
        (b"Warning: x in y.php\n%PDF-1.4\nis how it begins\n", "text/plain"),
        (b"\xef\xbb\xbfBM and MZ\n", "text/plain"),
        (b"\xef\xbb\xbf" + bytes(range(256)) * 8, "application/octet-stream"),
        (b'\xef\xbb\xbf{"a": 1}', "application/json"),
    ],
)
def test_byte_order_mark_and_blank_lines_make_nothing_a_text(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE " + "a" * 300_000,
        "<!DOCTYPE" + " " * 300_000,
        "<!-- -->" * 40_000,
        "<?x ?>" * 50_000 + "<!DOCTYPE a [",
        "<p>" + "a](" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_markup_takes_linear_time(text: str) -> None:
    """Quadratic time would be minutes."""
    assert detect_markup(text, whole=False) in {None, "text/html"}
