"""Forms as clients send them, within what RFC 2046 and RFC 7578 allow, and just outside of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import INVALID_METADATA, ErrorKind, ServiceError
from chalicelib.http.errors import MALFORMED_BODY, MISSING_FILE
from chalicelib.http.form_data import parse_single_file
from chalicelib.http.form_delimiters import reduce_to_parts

MEGABYTE = 1_000_000
HEAD = b'Content-Disposition: form-data; name="file"; filename="shape.txt"\r\nContent-Type: text/plain\r\n\r\n'
CONTENT = b"hello body\r\nsecond line\r\n"
PART = b"--b\r\n" + HEAD + CONTENT
FORM = PART + b"\r\n--b--\r\n"
CONTENT_TYPE = "multipart/form-data; boundary=b"


def rejection(body: bytes, content_type: str = CONTENT_TYPE) -> ErrorKind:
    with pytest.raises(ServiceError) as caught:
        parse_single_file(body, content_type)
    return caught.value.kind


@pytest.mark.parametrize(
    "body",
    [
        FORM,
        FORM.removesuffix(b"\r\n"),
        b"\r\n" + FORM,
        b"\r\n\r\n" + FORM,
        b"This is a multi-part message.\r\n" + FORM + b"epilogue to be ignored\r\n",
        b"Content-Type: multipart/form-data; boundary=b\r\nMIME-Version: 1.0\r\n\r\n" + FORM,
        b"a preamble of another system\n" + FORM,
        b"a preamble that mentions --b\r\n--bc\r\n --b\r\n" + FORM,
        FORM.replace(b"--b\r\n", b"--b \t \r\n"),
        FORM.replace(b"--b--\r\n", b"--b-- \t\r\n"),
        PART + b"\r\n--b--" + b"x" * 100,
        PART + b'\r\n--b\t\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n--b--',
        FORM + FORM,  # an epilogue, too
        b"-" * MEGABYTE + b"\r\n" + FORM,
        b"\r\n--" * MEGABYTE + b"\r\n" + FORM,
        FORM + b"\r\n--b" * MEGABYTE,
        FORM + b"x\r\n" * MEGABYTE,
    ],
    ids=range(17),
)
def test_text_around_the_parts_is_ignored(body: bytes) -> None:
    upload = parse_single_file(body, CONTENT_TYPE)
    assert (upload.name, upload.declared_type, upload.body) == ("shape.txt", "text/plain", CONTENT)


@pytest.mark.parametrize("boundary", ["b", "x" * 70, "x" * 200, "'()+_,-./:=?", "a b", "*[.](x|y)$^\\"])
@pytest.mark.parametrize("quoted", [True, False])
def test_boundary_may_be_any_text(boundary: str, quoted: bool) -> None:
    body = b"preamble\r\n" + FORM.replace(b"--b", b"--" + boundary.encode())
    parameter = '"' + boundary.replace("\\", "\\\\") + '"' if quoted else boundary
    if not quoted and not boundary.isalnum():
        return  # it must be quoted then
    upload = parse_single_file(body, f"Multipart/Form-Data; charset=utf-8; Boundary={parameter}")
    assert upload.body == CONTENT


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="file"; filename="Grüße.txt"', "Grüße.txt"),
        ("form-data; name=file; filename=plain.txt", "plain.txt"),
        ('form-data; name="file"; filename="x.txt"; filename*=UTF-8\'\'y.txt', "x.txt"),  # RFC 7578, 4.2
    ],
)
def test_file_name_of_a_form_part(disposition: str, name: str) -> None:
    head = f"content-disposition: {disposition}\r\ncONTENT-tYPE: image/png\r\n\r\n".encode()
    upload = parse_single_file(b"--b\r\n" + head + b"x\r\n--b--", CONTENT_TYPE)
    assert (upload.name, upload.declared_type, upload.body) == (name, "image/png", b"x")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", MALFORMED_BODY),
        (b"no delimiter", MALFORMED_BODY),
        (FORM.replace(b"\r\n", b"\n"), MALFORMED_BODY),
        (b" " + FORM.replace(b"\r\n--b--", b""), MALFORMED_BODY),
        (FORM.replace(b"--b\r\n", b"--bc\r\n"), MISSING_FILE),  # all of it is a preamble
        (FORM.replace(b"filename=", b"filename*="), MISSING_FILE),
        (PART, MALFORMED_BODY),
        (PART + b"\r\n--b \r\n", MALFORMED_BODY),
        (b"preamble\r\n--b--\r\n", MISSING_FILE),
        (b"--b--", MISSING_FILE),
        (FORM.replace(b'filename="shape.txt"', b'filename=""').replace(CONTENT, b""), MISSING_FILE),
        (FORM.replace(b'name="file"', b'name="FILE"'), MISSING_FILE),
    ],
)
def test_what_is_no_form_with_a_file_is_rejected(body: bytes, kind: ErrorKind) -> None:
    assert rejection(body) is kind


@pytest.mark.parametrize("line", [b"\n--b \r\n", b"\r--b\t\r\n", b"x--b \r\n", b"\r\n--bb \r\n", b"\r\n-b \r\n"])
def test_content_that_resembles_a_delimiter_is_unchanged(line: bytes) -> None:
    content = b"before" + line + b"behind"
    assert parse_single_file(FORM.replace(CONTENT, content), CONTENT_TYPE).body == content


@given(preamble=st.binary(max_size=50), content=st.binary(max_size=50), epilogue=st.binary(max_size=50))
def test_content_is_never_changed(preamble: bytes, content: bytes, epilogue: bytes) -> None:
    boundary = b"=boundary="
    body = b"%b\r\n--%b  \r\n%b\r\n--%b-- \r\n%b" % (preamble, boundary, HEAD + content, boundary, epilogue)
    reduced = reduce_to_parts(body, boundary)
    assert reduced == b"--%b\r\n%b\r\n--%b--" % (boundary, HEAD + content, boundary)
    assert parse_single_file(body, f"multipart/form-data; boundary={boundary.decode()}").body == content


def test_a_form_with_preamble_epilogue_and_an_empty_last_line() -> None:
    body = (
        b"This is a multi-part message.\r\n--XtestBoundaryX\r\n"
        b'Content-Disposition: form-data; name="file"; filename="shape.txt"\r\nContent-Type: text/plain\r\n\r\n'
        b"hello body\r\nsecond line\r\n\r\n--XtestBoundaryX--\r\nepilogue to be ignored\r\n"
    )
    upload = parse_single_file(body, "multipart/form-data; boundary=XtestBoundaryX")
    assert len(upload.body) == 25


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=b; x=☃", "multipart/form-data; boundary=☃"]
)
def test_content_type_may_hold_any_character(content_type: str) -> None:
    boundary = b"b" if "=b" in content_type else b"?"
    assert parse_single_file(FORM.replace(b"--b", b"--" + boundary), content_type).body == CONTENT


def field(name: str, value: bytes, *, before: bytes = b"") -> bytes:
    return (
        before + b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
    )


def test_fields_with_the_prefix_are_metadata() -> None:
    body = (
        field("metadata.order", b"7")
        + field("id", b"1")
        + PART
        + b"\r\n"
        + field("metadata.a.b", "ü\r\n".encode())
    )
    upload = parse_single_file(body + field("metadata.empty", b"") + b"--b--", CONTENT_TYPE, {"from": "the query"})
    assert upload.metadata == {"order": "7", "a.b": "ü\r\n", "empty": "", "from": "the query"}
    assert upload.body == CONTENT


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (field("metadata.order", b"7") * 2, "`order` is given twice"),
        (field("metadata.from", b"the form"), "`from` is given twice"),
        (field("metadata.order", b"\xff"), "the value of `order` is not UTF-8"),
        (field("metadata.order", b"\0"), "the value of `order` contains a NUL character"),
        (field("metadata.order", b"7" * 501), "the value of `order` is longer than 500 characters"),
        (field("metadata.", b"7"), "the key `` must have 1 to 64 characters"),
        (field("metadata.my order", b"7"), "the key `my order` must have 1 to 64 characters"),
        (b"".join(field(f"metadata.{n}", b"7") for n in range(20)), "it has 21 entries, and 20 are allowed"),
        (field("metadata", b"{}"), "the name of a field is `metadata.` and the key, not `metadata`"),
        (field("metadata[order]", b"7"), "the name of a field is `metadata.` and the key, not `metadata[order]`"),
    ],
)
def test_fields_that_are_no_valid_metadata_are_refused(fields: bytes, reason: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_single_file(fields + FORM, CONTENT_TYPE, {"from": "the query"})
    assert caught.value.kind is INVALID_METADATA
    assert reason in caught.value.message
