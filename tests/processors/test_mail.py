"""Mail: messages, mailboxes, saved pages and Outlook's files."""

import base64
import io
import quopri
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.core.errors import BadContentError
from chalicelib.processors.formats import mail
from chalicelib.processors.mail import mbox
from chalicelib.processors.mail.header_text import decode_text, parse_addresses, parse_date, parse_parameter
from chalicelib.processors.mail.html_text import extract_text
from chalicelib.processors.sandbox.runner import run
from tests.processors.ole_files import make_msg

MESSAGE = "message/rfc822"
LINE_ENDS = [b"\n", b"\r\n"]


def describe(content: bytes, media_type: str = MESSAGE) -> dict[str, Any]:
    return mail.describe(io.BytesIO(content), len(content), media_type).facts


def make_message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"] = "Übersicht", "Ada Löwe <ada@example.com>"
    message["To"], message["Cc"] = '"Doe, John" <john@example.com>, eve@example.com', "bob@example.com"
    message["Date"] = "Thu, 29 Feb 2024 12:30:15 +0100"
    message.set_content("Grüße,\nAda\n")
    message.add_alternative("<p>Grüße,<br>Ada</p>", subtype="html")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="Maße.csv")
    message.add_attachment(bytes(10_000), maintype="application", subtype="pdf", filename="b.pdf")
    return message


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_message_facts(line_end: bytes) -> None:
    assert describe(make_message().as_bytes().replace(b"\n", line_end)) == {
        "format": "eml",
        "subject": "Übersicht",
        "from": "Ada Löwe <ada@example.com>",
        "to": ["Doe, John <john@example.com>", "eve@example.com"],
        "cc": ["bob@example.com"],
        "recipients": 3,
        "date": "2024-02-29T12:30:15+01:00",
        "received_at": None,
        "url": None,
        "attachments": [
            {"name": "Maße.csv", "type": "text/csv", "size": 8},
            {"name": "b.pdf", "type": "application/pdf", "size": 10_000},
        ],
        "attachment_count": 2,
        "attachment_count_estimated": None,
        "preview": "Grüße,\nAda",
        "encrypted": None,
        "incomplete": None,
    }


def part(headers: bytes, body: bytes, line_end: bytes = b"\n") -> bytes:
    lines = b'Content-Type: multipart/mixed; boundary="b"\n\npreamble\n--b\n%b\n\n' % headers
    return lines.replace(b"\n", line_end) + body + b"\n--b--\nepilogue\n--b\n".replace(b"\n", line_end)


CONTENT = "a=b\nGröße\n\n".encode()
ENCODED = {
    "base64": base64.encodebytes(CONTENT * 20),
    "quoted-printable": quopri.encodestring(CONTENT * 20),
    "8bit": CONTENT * 20,
    "binary": CONTENT * 20,
    "x-uuencode": b"begin 644 a\n`\nend\n",
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_size_of_an_attachment_is_that_of_its_contents(encoding: str) -> None:
    headers = b"Content-Transfer-Encoding: %b\nContent-Disposition: attachment" % encoding.upper().encode()
    (attachment,) = describe(part(headers, ENCODED[encoding]))["attachments"]
    assert attachment["size"] == (None if encoding == "x-uuencode" else len(CONTENT * 20))


@pytest.mark.parametrize("written", [b"Base64 (RFC 2045)", b"base64;"])
def test_comment_behind_the_encoding_of_a_part(written: bytes) -> None:
    headers = b"Content-Transfer-Encoding: %b\nContent-Disposition: attachment" % written
    assert describe(part(headers, b"AAAA\n"))["attachments"][0]["size"] == 3


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_line_end_before_a_boundary_belongs_to_it(line_end: bytes) -> None:
    headers = b"Content-Type: application/octet-stream"
    assert describe(part(headers, b"12345", line_end))["attachments"][0]["size"] == 5
    assert describe(part(headers, b"", line_end))["attachments"][0]["size"] == 0


def test_saved_page_has_its_title_address_and_text() -> None:
    head = (
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://example.com/a\n"
        b"Subject: =?utf-8?Q?=C3=9Cber?=\nDate: Thu, 29 Feb 2024 12:30:15 -0000\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="b"\n\n'
    )
    body = (
        b"--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n"
        b"Content-Location: https://example.com/a\n\n<head><title>x</title></head><p>Gr=C3=BC=\n=C3=9Fe</p>\n"
        b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n"
        b"Content-Location: https://example.com/img/logo.png?1\n\nAAAA\n--b--\n"
    )
    page = (head + body).replace(b"\n", b"\r\n")
    facts = describe(page, "multipart/related")
    assert (facts["format"], facts["subject"], facts["from"]) == ("mht", "Über", "Saved by Blink")
    assert (facts["url"], facts["preview"]) == ("https://example.com/a", "Grüße")
    assert facts["date"] == "2024-02-29T12:30:15"
    assert facts["attachments"] == [{"name": "logo.png", "type": "image/png", "size": 3}]


@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_mbox_is_counted(line_end: bytes) -> None:
    first = b"From: a@example.com\nSubject: One\nDate: Fri, 1 Mar 2024 00:30:00 +0200\n\nHello\n>From here on\n\n"
    second = b"From: b@example.com\nSubject: Two\n\nFrom here on, too\n\n"
    box = b"From a@example.com Thu Feb 29 22:30:15 2024\n%bFrom - Thu Feb 29 22:31:15 2024\n%b" % (first, second)
    facts = describe(box.replace(b"\n", line_end), "application/mbox")
    assert (facts["format"], facts["messages"], facts["messages_estimated"]) == ("mbox", 2, False)
    assert (facts["first_date"], facts["last_date"]) == ("2024-03-01T00:30:00+02:00", "2024-02-29T22:31:15")
    message = facts["first_message"]
    assert (message["subject"], message["from"]) == ("One", "a@example.com")
    assert message["preview"] == "Hello\n>From here on"


def test_large_mbox_is_counted_in_a_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LIMIT", 100_000)
    message = b"From a@b.c Thu Feb 29 12:30:15 2024\nFrom: a@b.c\n\n" + b"text\n" * 30
    facts = describe(message * 5000, "application/mbox")
    assert facts["messages_estimated"] is True
    assert abs(facts["messages"] / 5000 - 1) < 0.01
    assert (facts["first_date"], facts["last_date"]) == (None, None)


def test_mbox_of_too_many_messages_has_no_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MAX_DATED", 3)
    message = b"From a@b.c Thu Feb 29 12:30:15 2024\nFrom: a@b.c\nSubject: s\n\ntext\n\n"
    for count in (3, 4):
        facts = describe(message * count, "application/mbox")
        assert (facts["messages"], facts["first_message"]["subject"]) == (count, "s")
        assert facts["last_date"] == (None if count == 4 else "2024-02-29T12:30:15")


def test_message_that_is_too_large_is_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LIMIT", 200_000)
    message = make_message()
    message.add_attachment(bytes(1_000_000), maintype="video", subtype="mp4", filename="c.mp4")
    facts = describe(message.as_bytes())
    assert (facts["incomplete"], facts["attachment_count"], facts["attachment_count_estimated"]) == (True, 3, True)
    *whole, cut = facts["attachments"]
    assert [attachment["size"] for attachment in whole] == [8, 10_000]
    assert cut["size_estimated"] is True
    assert abs(cut["size"] / 1_000_000 - 1) < 0.01


@pytest.mark.parametrize("unicode", [True, False])
def test_outlook_message_facts(unicode: bool) -> None:
    facts = describe(make_msg(unicode=unicode), "application/vnd.ms-outlook")
    assert {name: fact for name, fact in facts.items() if fact is not None} == {
        "format": "msg",
        "subject": "Отчёт",
        "from": "Ада <ada@example.com>",
        "to": ["Ева <eve@example.com>"],
        "cc": ["bob@example.com"],
        "recipients": 2,
        "date": "2024-02-29T12:30:15+00:00",
        "attachments": [
            {"name": "отчёт.pdf", "type": "application/pdf", "size": 5000},
            {"name": "Forwarded", "type": "application/vnd.ms-outlook", "size": None},
        ],
        "attachment_count": 2,
        "preview": "Привет,\nмир",
    }


@pytest.mark.parametrize(
    "head",
    [
        b"\n\nSubject: s\n",
        b"From a@b.c Thu Feb 29 12:30:15 2024\nSubject: s\n",
        b">From a@b.c Thu Feb 29 12:30:15 2024\nSubject: s\n",
        b"Subject : s\nX: \xff\xfe\0\n",
        b"Subject: s\nSubject: other\nnot a header\n",
        b"SUBJECT:\n s\n",
        b"X: 1\n" * 1000 + b"Subject: s\n",
        b"Subject: s\nX: " + b"y: z\t" * 100_000 + b"\n",
    ],
)
def test_malformed_headers_are_read(head: bytes) -> None:
    facts = describe(head + b"\nbody\n")
    assert (facts["subject"], facts["preview"].split("\n")[-1]) == ("s", "body")


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "carriage returns"]
)
@pytest.mark.parametrize("media_type", [MESSAGE, "application/mbox"])
def test_message_that_was_saved_by_an_editor(encoding: str, media_type: str) -> None:
    message = make_message().as_string()
    if encoding == "carriage returns":
        content = message.replace("\n", "\r").encode()
    else:
        content = message.replace("\n", "\r\n").encode(encoding)
    facts = describe(content, media_type)
    first = facts.get("first_message", facts)
    assert (first["subject"], first["preview"], first["attachment_count"]) == ("Übersicht", "Grüße,\nAda", 2)


def test_file_without_headers_is_text() -> None:
    assert describe(b"\nbody\n")["preview"] == "body"
    assert describe(b"")["preview"] is None


def test_header_of_a_megabyte_is_cut() -> None:
    facts = describe(b"Subject: " + b"x" * 1_000_000 + b"\nTo: " + b"a@b.c,\n " * 100_000 + b"\nDate: x\n\nbody")
    assert len(facts["subject"]) < 300_000
    assert (len(facts["to"]), facts["recipients"], facts["date"]) == (20, None, None)


def test_attached_message_is_one_attachment() -> None:
    inner = make_message()
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("see below\n")
    outer.add_attachment(inner)
    facts = describe(outer.as_bytes())
    (attachment,) = facts["attachments"]
    assert (facts["subject"], facts["preview"], attachment["type"]) == ("Fwd", "see below", MESSAGE)


def test_parts_within_parts_are_found() -> None:
    inner = b'Content-Type: multipart/mixed; boundary="bb"\n\n--bb\nContent-Type: image/png\n\n1\n--bb--\n'
    outer = b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n%b--b\nContent-Type: image/gif\n\n1' % inner
    assert [attachment["type"] for attachment in describe(outer)["attachments"]] == ["image/png", "image/gif"]


def test_parts_of_a_digest_are_messages() -> None:
    head, messages = (
        b"Content-Type: multipart/digest; boundary=b\n\n",
        [b"Subject: one\n\ntext\n", b"Subject: two\n\n"],
    )
    digest = head + b"".join(b"--b\n\n" + message for message in messages) + b"--b--\n"
    assert [attachment["type"] for attachment in describe(digest)["attachments"]] == [MESSAGE, MESSAGE]


def test_invalid_type_is_plain_text() -> None:
    assert describe(b"Content-Type: text\n\nHello\n")["preview"] == "Hello"


@pytest.mark.parametrize(
    "content_type", [b"multipart/encrypted; boundary=b", b"application/pkcs7-mime; smime-type=enveloped-data"]
)
def test_encrypted_message_is_flagged(content_type: bytes) -> None:
    assert describe(b"Content-Type: %b\n\nx\n" % content_type)["encrypted"] is True


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        (b"iso-8859-1", "Grüße – €".encode("cp1252")),  # as programs of Windows declare it
        (b"klingon", "Grüße – €".encode()),
        (b"us-ascii", "Grüße – €".encode()),
        (b"hex", "Grüße – €".encode()),
    ],
)
def test_text_with_a_wrong_charset_is_decoded(charset: bytes, body: bytes) -> None:
    assert describe(b"Content-Type: text/plain; charset=%b\n\n%b" % (charset, body))["preview"] == "Grüße – €"


def test_stateful_charset_is_decoded() -> None:
    body = "日本語".encode("iso-2022-jp")
    assert describe(b"Content-Type: text/plain; charset=iso-2022-jp\n\n%b" % body)["preview"] == "日本語"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"=?utf-8?B?w5xiZXJzaWNodA==?=", "Übersicht"),
        (b"Re: =?iso-8859-1?Q?Gr=FC=DFe?= aus =?utf-8?q?K=C3=B6ln?=", "Re: Grüße aus Köln"),
        (b"=?utf-8?B?4pw=?=\r\n =?utf-8?B?kw==?= x", "✓ x"),  # a character in two words
        (b"\xc3\x85ngstr\xc3\xb6m =?utf-8?q?x?=", "Ångström x"),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"=?klingon?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?gb2312?B?1tDOxA==?=", "中文"),
        (b"=?utf-8*de?q?a_b c?=", "a b c"),
        (b"=?utf-8?B?YWJjZ?=", "abc"),
        (b"=?hex?q?41?=", "41"),
        (b"a ?= b =? c", "a ?= b =? c"),
        (b"a\0b\x07 =?utf-8?q?=00=C2=85?=c", "ab c"),
    ],
)
def test_header_text_is_decoded(written: bytes, text: str) -> None:
    assert decode_text(written) == text


@pytest.mark.parametrize(
    ("written", "mailboxes"),
    [
        (b"Ada <a@x.org>, b@x.org", ["Ada <a@x.org>", "b@x.org"]),
        (b"Doe, John <j@x.org>", ["Doe, John <j@x.org>"]),
        (b"=?utf-8?q?M=C3=BCller=2C_Ada?= <a@x.org>", ["Müller, Ada <a@x.org>"]),
        ("Mü <ü@exämple.org>".encode(), ["Mü <ü@exämple.org>"]),
        (b"M\xfcller <a@x.org>", ["Müller <a@x.org>"]),
        (b"Team: a@x.org, B <b@x.org>; c@x.org", ["a@x.org", "B <b@x.org>", "c@x.org"]),
        (b"undisclosed-recipients:;", []),
        (b"<Saved by Blink>", ["Saved by Blink"]),
        (b"MAILER DAEMON <>", ["MAILER DAEMON"]),
        (b"root", ["root"]),
        (b"", []),
        (b"(" * 5000, ["(" * 5000]),
    ],
)
def test_addresses_of_a_header_are_parsed(written: bytes, mailboxes: list[str]) -> None:
    assert parse_addresses(written) == mailboxes


@pytest.mark.parametrize(
    ("written", "date"),
    [
        (b"Thu, 29 Feb 2024 12:30:15 +0100 (CET)", "2024-02-29T12:30:15+01:00"),
        (b"29 Feb 24 12:30 EST", "2024-02-29T12:30:00-05:00"),
        (b"Thu, 29 Feb 2024 12:30:15 -0000", "2024-02-29T12:30:15"),  # RFC 5322, 3.3: the offset isn't known
        (b"2024-02-29T12:30:15Z", "2024-02-29T12:30:15Z"),
        (b"Thu, 29 Feb 2023 12:30:15 +0100", None),
        (b"Thu, 29 Feb 2024 25:99:99 +0100", None),
        (b"Thu, 29 Feb 2024 12:30:15 +9999", None),
        (b"Thu, 01 Jan 1970 00:00:00 +0000", None),
        (b"now", None),
        (b"", None),
    ],
)
def test_date_of_a_header_is_parsed(written: bytes, date: str | None) -> None:
    assert parse_date(written) == date


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (b"attachment; filename=a.csv", "a.csv"),
        (b"attachment; filename*=utf-8''%C3%9Cber.txt", "Über.txt"),
        (b"attachment; filename*0*=utf-8''%C3%9C; filename*1=ber.txt", "Über.txt"),
        (b'attachment; filename="=?utf-8?q?=C3=9Cber?="', "Über"),
        ('attachment; filename="Über.txt"'.encode("cp1252"), "Über.txt"),
        (b"attachment; filename*=klingon''%C3%9C", "Ü"),
        (b'attachment; filename="a\\"b;c.txt"', 'a"b;c.txt'),
        (b"attachment; " + b'";' * 100_000, None),
    ],
)
def test_file_name_in_a_header_is_parsed(written: bytes, name: str | None) -> None:
    assert parse_parameter(written, "filename") == name


def test_text_of_an_html_page_is_extracted() -> None:
    page = "<style>p{}</style><h1>A&nbsp;B</h1><p>one <b>two</b>\nthree<br/>1 < 2 &amp; 3<!-- x --><script>no"
    assert extract_text(page) == "A B\none two three\n1 < 2 & 3"
    assert extract_text("&#" + "9" * 5000 + ";x").endswith("x")


def test_fallback_reads_the_headers() -> None:
    content = make_message().as_bytes()
    facts = mail.describe_fallback(io.BytesIO(content), len(content), MESSAGE).facts
    assert (facts["incomplete"], facts["subject"], facts["format"]) == (True, "Übersicht", "eml")


def test_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    content = make_message().as_bytes()
    for damaged in (content, content[:300], content.replace(b"Date: T", b"Date: \0"), make_msg()[:6000]):
        for media_type in (MESSAGE, "application/mbox", "application/vnd.ms-outlook"):
            with suppress(BadContentError):
                run("chalicelib.processors.formats.mail", io.BytesIO(damaged), len(damaged), media_type)
    assert "example.com" not in caplog.text
