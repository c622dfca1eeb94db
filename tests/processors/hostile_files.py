"""Hostile files. Each is small, and exhausts a reader that trusts it."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.processors import sample_files


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


def zeros(megabytes: int, wbits: int = -15) -> bytes:
    """Return so many megabytes of zeros, deflated, at once: independent blocks can be
    repeated.

    A checksum at the end is that of the last one, which only those find out who unpack it all.
    """
    return repeat(bytes(1024 * 1024), megabytes, wbits)


def repeat(unit: bytes, times: int, wbits: int = -15) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    first = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * (times - 1) + packer.flush()


def page(content: bytes, resources: bytes = b"", more: Iterable[bytes] = (), count: int = 1) -> list[bytes]:
    """Return the objects of a document whose first page has this content stream; `more` begin at 5."""
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << %b >> >>" % resources,
        content,
        *more,
    ]


def pdf_with_a_bomb_for_a_page() -> bytes:
    """A gigabyte of drawing instructions."""
    operators = b"0 0 m 1 1 l S\n" * 70_000
    return pdf(page(stream(repeat(operators, 1000, 15), b"/Filter /FlateDecode")))


def pdf_with_a_huge_picture() -> bytes:
    """50,000 by 50,000 pixels, all of them black."""
    entries = (
        b"/Type /XObject /Subtype /Image /Width 50000 /Height 50000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    )
    picture = stream(zeros(7500, 15), entries + b" /Filter /FlateDecode")
    return pdf(page(stream(b"200 0 0 200 0 0 cm /I Do"), b"/XObject << /I 5 0 R >>", [picture]))


def pdf_that_draws_itself() -> bytes:
    """A drawing that contains itself twice."""
    form = stream(
        b"/F Do /F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"
    )
    return pdf(page(stream(b"/F Do"), b"/XObject << /F 5 0 R >>", [form]))


def pdf_that_draws_on_and_on() -> bytes:
    """Each of thirty drawings contains the next one ten times."""
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
    """A page tree that contains its root."""
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])


def zip_of_zeros() -> bytes:
    """Ten gigabytes in ten megabytes."""
    packed = zeros(10_000)
    return _zip([("zeros.bin", packed, 10_000 * 1024 * 1024, 0)])


def zip_whose_entries_share_their_bytes() -> bytes:
    """A thousand entries that are all the same ten megabytes of zeros. https://www.bamsoftware.com/hacks/zipbomb/"""
    packed = zeros(10)
    return _zip(
        [(f"{number}.bin", b"" if number else packed, 10 * 1024 * 1024, len(packed)) for number in range(1000)]
    )


def zip_in_zip(depth: int = 100) -> bytes:
    content = b"the end"
    for level in range(depth):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as package:
            package.writestr(f"{level}.zip", content)
        content = target.getvalue()
    return content


def _zip(entries: list[tuple[str, bytes, int, int]]) -> bytes:
    """Make a zip of names, packed bytes, unpacked sizes, and the packed sizes that the directory names instead, if
    not 0. Entries without bytes are the first one again."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, packed, size, claimed in entries:
        at = 0
        sizes = struct.pack("<III", 0, claimed or len(packed), min(size, 0xFFFFFFFF))
        zip64 = struct.pack("<HHQ", 1, 8, size) if size > 0xFFFFFFFF else b""
        if packed:
            body.write(b"PK\3\4" + struct.pack("<HHHHH", 45, 0, 8, 0, 0) + sizes)
            body.write(struct.pack("<HH", len(name), len(zip64)) + name.encode() + zip64 + packed)
        directory.write(b"PK\1\2" + struct.pack("<HHHHHH", 45, 45, 0, 8, 0, 0) + sizes)
        directory.write(struct.pack("<HHHHHII", len(name), len(zip64), 0, 0, 0, 0, at) + name.encode() + zip64)
    listed = directory.getvalue()
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(listed), body.tell(), 0)
    return body.getvalue() + listed + b"PK\5\6" + end


def docx_of_names_for_namespaces() -> bytes:
    """Two thousand elements whose names have half a megabyte each, once they are written out."""
    elements = "".join(f"<a:b{number}/>" for number in range(2000))
    core = f"<r xmlns:a='u{'x' * 500_000}'>{elements}</r>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        package.writestr("[Content_Types].xml", f'<Types><Override ContentType="{main}"/></Types>')
        package.writestr("docProps/core.xml", core)
    return target.getvalue()


def ods_nested_deep() -> bytes:
    """Millions of elements, each within the one before."""
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a>" * 2_700_000}
    return sample_files.zip_files({**parts})


def odt_of_one_word() -> bytes:
    text = "<text:p>" + "x" * 8_000_000 + "</text:p>"
    return sample_files.zip_files(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": f"<a xmlns:text='t'>{text}</a>"}
    )


def odt_of_many_words() -> bytes:
    text = "<text:p>" + "漢 " * 2_000_000 + "</text:p>"
    return sample_files.zip_files(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": f"<a xmlns:text='t'>{text}</a>"}
    )


def gzip_of_zeros() -> bytes:
    """Ten gigabytes, as a thousand members."""
    return gzip.compress(bytes(10 * 1024 * 1024)) * 1000


def xz_with_a_dictionary_of_a_gigabyte() -> bytes:
    """Decompressing it takes a gigabyte of memory."""
    content = lzma.compress(bytes(1024), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    header = bytearray(content[12:24])  # the block's header, XZ file format 3.1, ends with its CRC-32
    header[4] = 36  # 2 ** (36 / 2 + 12) bytes
    header[8:12] = zlib.crc32(header[:8]).to_bytes(4, "little")
    return content[:12] + bytes(header) + content[24:]


def zstd_of_zeros() -> bytes:
    """Ten gigabytes, as a thousand frames."""
    return sample_files.compress_zstd(bytes(10 * 1024 * 1024)) * 1000


def zstd_with_a_window_of_128_megabytes() -> bytes:
    """The largest that the library accepts. It is allocated for any contents."""
    return b"\x28\xb5\x2f\xfd\0" + bytes([17 << 3]) + struct.pack("<I", 5 << 3 | 1)[:3] + b"hello"


def tar_whose_header_is_a_gigabyte() -> bytes:
    """A pax header, which has to be read before the entry that it belongs to."""
    header = tarfile.TarInfo("a")
    header.type, header.size = tarfile.XHDTYPE, 1 << 30
    return header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000)


def gzip_of_a_tar_whose_header_is_thirty_megabytes() -> bytes:
    """Three million comments on one entry, and then a valid one."""
    remarks = b"".join(b"10 %05x=\n" % number for number in range(3 * 1024 * 1024))
    header = tarfile.TarInfo("a")
    header.type, header.size = tarfile.XHDTYPE, len(remarks)
    padding = bytes(-len(remarks) % 512)
    entry = tarfile.TarInfo("b").tobuf()
    return gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + remarks + padding + entry + bytes(1024), 1)


def gzip_of_a_tar_with_a_million_holes() -> bytes:
    """A sparse file with an endless map."""
    header = tarfile.TarInfo("a")
    header.type = tarfile.GNUTYPE_SPARSE
    begin = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    begin[482] = 1  # the map continues in the next block
    begin[148:156] = b"%06o\0 " % (sum(begin[:148]) + 8 * ord(" ") + sum(begin[156:]))
    more = (b"%011o\0" % 9999 * 42 + b"\1").ljust(512, b"\0")
    return gzip.compress(bytes(begin) + more * 60_000, 1)


def tar_of_names_for_names() -> bytes:
    """Each header gives the next one a long name, ten thousand times."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 10
    return (header.tobuf(tarfile.GNU_FORMAT) + b"a" * 10 + bytes(502)) * 10_000


def svg_of_a_billion_laughs() -> bytes:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    return f"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY l0 'ha'>{laughs}]><svg width='&l11;'/>".encode()


def csv_of_quotes() -> bytes:
    """Unclosed quotes. The standard library's csv.Sniffer would take hours."""
    return b"a,b\n" + b',"a' * 300_000


def csv_of_a_million_columns() -> bytes:
    return (b"," * 1_000_000 + b"\n") * 10


def csv_of_one_line() -> bytes:
    """A hundred megabytes of it."""
    return b"ab," * 33_000_000 + b"c"


def csv_of_wide_rows() -> bytes:
    """Two million cells each, in four lines. A cell of one character takes seventy bytes."""
    line = "中," * (512 * 1024 - 2) + '"\n",'
    return (line * 4 + "\n").encode() * 3


def csv_of_rows_just_short_enough() -> bytes:
    """Half a million cells each, of characters that take four bytes."""
    rows = [cell * (1_048_000 // len(cell)) + "\n" for cell in ("😀,", "😀😀,")]
    return "".join(rows * 3).encode()


def csv_of_cells_with_one_wide_character() -> bytes:
    """A thousand rows whose types are detected. Its last character makes each text take four times its length."""
    return (("x" * 255 + "😀,") * 100 + "\n").encode() * 1000


def json_nested_deep() -> bytes:
    return b'{"a":' * 1_000_000


def json_of_one_text() -> bytes:
    return b'["' + b"x" * 100_000_000 + b'"]'


def json_of_one_number() -> bytes:
    """Fifteen million digits, whose conversion to an integer takes Python minutes."""
    return b"[" + b"9" * 15_000_000 + b"]"


def json_of_integers_too_long_for_python() -> bytes:
    """They crash ijson 3.6.0 and its process."""
    return b'{"a": %b, "b": [%b]}' % (b"9" * 100_000, b"9" * 100_000)


def json_of_the_longest_numbers_that_are_kept() -> bytes:
    return b"[" + b"9" * 500 + (b",-" + b"9" * 500) * 30_000 + b"]"


def text_of_invalid_utf_8() -> bytes:
    return b"caf\xc3 \xf0\x9f\x98 \xed\xa0\x80\n" * 100_000


def text_of_one_line() -> bytes:
    return b"x" * 100_000_000


def makers(names: Mapping[str, Any]) -> dict[str, Callable[[], bytes]]:
    """Return the functions of a module that make a file, by name."""
    return {name: make for name, make in names.items() if "_" in name[1:] and callable(make) and name[0] != "_"}


ALL = makers(globals())

POLYGLOTS = {
    "a PDF that is a zip": (pdf(page(stream(b""))) + _zip([("a", zeros(1), 1024 * 1024, 0)]), "application/pdf"),
    "a GIF that is a script": (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "image/gif"),
    "a zip that is a page": (b"PK\3\4<html><script>alert(1)</script></html>", "application/zip"),
    "a page with a byte of binary": (b"<html><script>alert(1)</script>\0</html>", "text/html"),
}
"""Files of two types at once, and the type that counts: that of the beginning, by which browsers treat them."""
