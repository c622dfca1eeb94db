"""Files made to do harm. Each is small, and unfolds when it is read by whoever trusts it."""

import io
import zlib
from collections.abc import Iterable


def pdf(objects: Iterable[bytes], *, root: int = 1, broken_table: bool = False) -> bytes:
    """Return a PDF of these objects, numbered from 1."""
    body, offsets = io.BytesIO(), []
    body.write(b"%PDF-1.7\n")
    for number, content in enumerate(objects, 1):
        offsets.append(body.tell())
        body.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    table = body.tell()
    if broken_table:
        body.write(b"xref\n0 garbage\ntrailer\n<< /Root %d 0 R /Size 99 >>\nstartxref\n12345678\n%%%%EOF" % root)
        return body.getvalue()
    body.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    body.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(offsets) + 1
    body.write(b"trailer\n<< /Root %d 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (root, size, table))
    return body.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


def deflated(unit: bytes, times: int, wbits: int = 15) -> bytes:
    """Return as many units, deflated, without ever holding them."""
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join([*(packer.compress(unit) for _ in range(times)), packer.flush()])


def page(content: bytes, resources: bytes = b"", more: Iterable[bytes] = (), count: int = 1) -> list[bytes]:
    """Return the objects of a document whose first page has this content stream; `more` begin at 5."""
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << %b >> >>" % resources,
        content,
        *more,
    ]


MEGABYTE = bytes(1024 * 1024)


def pdf_with_a_bomb_for_a_page() -> bytes:
    """A gigabyte of drawing instructions."""
    operators = b"0 0 m 1 1 l S\n" * 70_000
    return pdf(page(stream(deflated(operators, 1000), b"/Filter /FlateDecode")))


def pdf_with_a_huge_picture() -> bytes:
    """50,000 by 50,000 pixels, all of them black."""
    entries = (
        b"/Type /XObject /Subtype /Image /Width 50000 /Height 50000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    )
    picture = stream(deflated(MEGABYTE, 7500), entries + b" /Filter /FlateDecode")
    return pdf(page(stream(b"200 0 0 200 0 0 cm /I Do"), b"/XObject << /I 5 0 R >>", [picture]))


def pdf_that_draws_itself() -> bytes:
    """A drawing that holds itself twice."""
    form = stream(
        b"/F Do /F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"
    )
    return pdf(page(stream(b"/F Do"), b"/XObject << /F 5 0 R >>", [form]))


def pdf_that_draws_on_and_on() -> bytes:
    """Each of thirty drawings holds the next one ten times."""
    forms = []
    for number in range(5, 35):
        inner = b"/Resources << /XObject << /F %d 0 R >> >>" % (number + 1) if number < 34 else b""
        drawing = b"/F Do " * 10 if number < 34 else b"0 0 m 9 9 l S"
        forms.append(stream(drawing, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + inner))
    return pdf(page(stream(b"/F Do"), b"/XObject << /F 5 0 R >>", forms))


def pdf_of_a_million_pages() -> bytes:
    return pdf(page(stream(b""), count=1_000_000))


def pdf_with_a_broken_table() -> bytes:
    return pdf(page(stream(b"BT ET")), broken_table=True)


def pdf_whose_pages_go_round() -> bytes:
    """A page tree whose branch is its root."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])
