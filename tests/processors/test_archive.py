"""Archives: facts from directories and headers."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest

from chalicelib.core.errors import UNREADABLE_ARCHIVE, BadContentError
from chalicelib.processors.archives import decompression
from chalicelib.processors.archives.decompression import DECOMPRESSORS, DecompressedReader
from chalicelib.processors.formats import archive
from chalicelib.processors.registry import versions
from tests.processors import sample_files
from tests.processors.analyze import analyze_bytes, facts_of

COMPRESSORS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("bzip2", bz2.compress),
    ("xz", lzma.compress),
    ("zstd", sample_files.compress_zstd),
]


def tar_files(files: dict[str, bytes], layout: int = tarfile.PAX_FORMAT, encoding: str = "utf-8") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=layout, encoding=encoding) as package:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        package.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    return target.getvalue()


def test_zip_facts() -> None:
    content = sample_files.zip_files(
        {"folder/": "", "folder/a.txt": "a" * 10_000, "b.zip": sample_files.zip_files({"c": "c"})}
    )
    facts = facts_of(content)
    assert (facts["format"], facts["entries"], facts["files"], facts["folders"]) == ("zip", 3, 2, 1)
    assert (facts["encrypted"], facts["archives_inside"]) == (False, 1)
    assert facts["unpacked_size"] == 10_000 + len(sample_files.zip_files({"c": "c"}))
    assert facts["ratio"] == round(facts["unpacked_size"] / len(content), 2)
    assert facts["names"] == ["folder/", "folder/a.txt", "b.zip"]
    assert "bomb" not in facts


def test_encrypted_zip_is_flagged() -> None:
    content = bytearray(sample_files.zip_files({"a.txt": "a"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    assert facts_of(bytes(content))["encrypted"] is True


def test_zip_behind_other_bytes_and_empty_zip_are_read() -> None:
    assert facts_of(sample_files.zip_files({}))["entries"] == 0
    assert facts_of(b"PK\x03\x04" + bytes(100) + sample_files.zip_files({"a": "a"}))["entries"] == 1


def test_truncated_zip_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(sample_files.zip_files({"a.txt": "a" * 1000})[:-30])
    assert caught.value.kind is UNREADABLE_ARCHIVE
    assert "not a zip file" in caught.value.message


def test_too_large_zip_directory_is_flagged() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for number in range(40_000):
            package.writestr(zipfile.ZipInfo(f"{number:0100}"), b"")
    content = target.getvalue()
    assert facts_of(content) == {
        "version": versions()["archive"],
        "format": "zip",
        "entries": 40_000,
        "directory_too_large": True,
    }


@pytest.mark.parametrize("layout", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar_facts(layout: int) -> None:
    facts = facts_of(tar_files({"a.txt": b"a" * 5000, "b" * 90: b"b"}, layout))
    assert (facts["format"], facts["entries"], facts["files"], facts["folders"]) == ("tar", 3, 2, 1)
    assert (facts["unpacked_size"], facts["entries_estimated"]) == (5001, False)
    assert facts["names"] == ["folder", "a.txt", "b" * 90]


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_compressed_file_facts(name: str, compress: Callable[[bytes], bytes]) -> None:
    facts = facts_of(compress(b"some text\n" * 10_000))
    assert (facts["format"], facts["unpacked_size"], facts["unpacked_size_estimated"]) == (name, 100_000, False)
    assert "contains" not in facts


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_compressed_tar_facts(name: str, compress: Callable[[bytes], bytes]) -> None:
    """The size is the sum of the files, as of a tar that isn't compressed."""
    content = compress(tar_files({"a.txt": b"a" * 3000, "b.txt": b"b" * 140}))
    facts = facts_of(content)
    assert (facts["format"], facts["contains"], facts["entries"]) == (name, "tar", 3)
    assert (facts["unpacked_size"], facts["unpacked_size_estimated"]) == (3140, False)
    assert facts["ratio"] == round(3140 / len(content), 2)


def test_size_of_large_compressed_tar_is_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "MAX_DECOMPRESSED", 1_000_000)
    noise = {f"{number}": random.Random(number).randbytes(10_000) for number in range(400)}
    content = gzip.compress(tar_files(noise), 1)
    facts = archive.describe(io.BytesIO(content), len(content), "application/gzip").facts
    assert (facts["unpacked_size_estimated"], facts["entries_estimated"]) == (True, True)
    assert abs(facts["unpacked_size"] / 4_000_000 - 1) < 0.1
    assert abs(facts["entries"] / 401 - 1) < 0.1


NOISE = random.Random(1).randbytes(1_000_000)


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_truncated_compressed_file_is_damaged(name: str, compress: Callable[[bytes], bytes]) -> None:
    facts = facts_of(compress(NOISE)[:-20])
    assert (facts["format"], facts["damaged"]) == (name, True)
    assert facts["unpacked_size_estimated"] is False
    assert 850_000 < facts["unpacked_size"] <= 1_000_000  # bzip2 packs 900,000 bytes at once
    assert "ratio" not in facts


@pytest.mark.parametrize("compress", [compress for _, compress in COMPRESSORS])
def test_compressed_file_with_trailing_bytes(compress: Callable[[bytes], bytes]) -> None:
    facts = facts_of(compress(b"a" * 5000) + b"something else")
    assert (facts["unpacked_size"], facts["damaged"]) == (5000, True)
    facts = facts_of(compress(b"a" * 5000) + bytes(10_000))
    assert (facts["unpacked_size"], "damaged" in facts) == (5000, False)


@pytest.mark.parametrize("compress", [compress for _, compress in COMPRESSORS])
def test_compressed_file_of_several_streams(compress: Callable[[bytes], bytes]) -> None:
    one, other = compress(b"a" * 5000), compress(NOISE)
    facts = facts_of(one + other + bytes(20_000) + one)
    assert (facts["unpacked_size"], "damaged" in facts) == (1_010_000, False)
    damaged = bytearray(other)
    damaged[8:200] = bytes(192)
    facts = facts_of(one + damaged + one)
    assert facts["damaged"] is True
    assert facts["unpacked_size"] < 100_000


def test_compressed_file_with_wrong_checksum_is_damaged() -> None:
    facts = facts_of(gzip.compress(b"a" * 5000)[:-8] + bytes(8))
    assert (facts["unpacked_size"], facts["damaged"]) == (5000, True)


def test_decompressed_reader_raises_its_error_again() -> None:
    unpacked = DecompressedReader(DECOMPRESSORS["gzip"](io.BytesIO(gzip.compress(b"some text")[:-8])))
    assert unpacked.peek(4) == b"some"
    assert (unpacked.read(6), unpacked.read(6)) == (b"some t", b"ext")
    for _ in range(2):
        with pytest.raises(EOFError):
            unpacked.read(6)


def test_unreadable_compressed_file_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"\x1f\x8b\x08\x00" + bytes(20))
    assert caught.value.kind is UNREADABLE_ARCHIVE


def test_truncated_tar_reports_entries_before_the_cut() -> None:
    package = tar_files({"a.txt": b"a" * 5000, "b.txt": b"b" * 5000})
    facts = facts_of(package[:4000])
    assert (facts["names"], facts["damaged"]) == (["folder", "a.txt"], True)


HUNDRED = tar_files({f"{number}.txt": b"a" * 100 for number in range(99)})
"""99 files and a folder. A header and its contents take 1,024 bytes each, and the folder 512."""

DAMAGED_TARS = {
    "a wrong checksum": HUNDRED[: 50 * 1024 + 660] + b"0000000\0" + HUNDRED[50 * 1024 + 668 :],
    "no header": HUNDRED[: 50 * 1024 + 512] + b"x" * 512 + HUNDRED[51 * 1024 :],
    "cut in a header": HUNDRED[: 50 * 1024 + 700],
    "cut between entries": HUNDRED[: 50 * 1024 + 512],
}
"""In each, the folder and the first fifty files are intact."""


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("name", DAMAGED_TARS)
def test_tar_damaged_between_entries_reports_entries_before(name: str, compress: Callable[[bytes], bytes]) -> None:
    facts = facts_of(compress(DAMAGED_TARS[name]))
    assert (facts["entries"], facts["entries_estimated"], facts["damaged"]) == (51, False, True)
    assert "files" not in facts


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_tar_truncated_behind_a_long_name_is_damaged(compress: Callable[[bytes], bytes]) -> None:
    package = tar_files({"a.txt": b"a", "b" * 150: b"b"}, tarfile.GNU_FORMAT)
    facts = facts_of(compress(package[: 512 + 1024 + 1024]))
    assert (facts["names"], facts["damaged"]) == (["folder", "a.txt"], True)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("end", [bytes(512), bytes(1024), bytes(512) + b"something else"])
def test_tar_ends_with_a_block_of_zeros(end: bytes, compress: Callable[[bytes], bytes]) -> None:
    facts = facts_of(compress(HUNDRED.rstrip(b"\0").ljust(512 + 99 * 1024, b"\0") + end))
    assert (facts["entries"], facts["files"], "damaged" in facts) == (100, 99, False)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_unix_v7_tar_is_read(compress: Callable[[bytes], bytes]) -> None:
    analysis = analyze_bytes(compress(sample_files.make_v7_tar({"a.txt": b"a" * 600, "b": b"b"})))
    facts = analysis.result["archive"]
    assert (facts.get("contains", facts["format"]), facts["entries"]) == ("tar", 2)
    assert (facts["names"], "damaged" in facts) == (["a.txt", "b"], False)


def test_unpacked_size_of_large_compressed_file_is_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "MAX_DECOMPRESSED", 1_000_000)
    content = gzip.compress(b"".join(b"%d\n" % (number * number) for number in range(500_000)))
    facts = archive.describe(io.BytesIO(content), len(content), "application/gzip").facts
    assert facts["unpacked_size_estimated"] is True
    assert abs(facts["unpacked_size"] / 5_700_000 - 1) < 0.3


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x00", "rar")],
)
def test_7z_and_rar_are_only_named(content: bytes, name: str) -> None:
    assert facts_of(content + bytes(50)) == {"version": versions()["archive"], "format": name}


def test_zstd_with_a_frame_to_be_skipped_is_read() -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"  # RFC 8878, 3.1.2
    assert facts_of(skipped + sample_files.compress_zstd(b"a" * 5000))["unpacked_size"] == 5000


def test_tar_with_negative_size_is_damaged() -> None:
    header = bytearray(tarfile.TarInfo("a").tobuf())
    header[124:136] = b"\xff" * 10 + b"\xfe\0"  # in base 256, as for sizes beyond eleven octal digits
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * ord(" ") + sum(header[156:]))
    facts = facts_of(bytes(header) + bytes(1024))
    assert (facts["entries"], facts["unpacked_size"], facts["damaged"]) == (0, 0, True)


def zip_of_raw_names(names: list[bytes], extra: bytes = b"") -> bytes:
    """Make a zip whose names are these bytes, without the flag that says that they are UTF-8."""
    stand_ins = {f"<{number}>".ljust(len(name), "~"): name for number, name in enumerate(names)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for stand_in in stand_ins:
            entry = zipfile.ZipInfo(stand_in)
            entry.extra = extra
            package.writestr(entry, b"")
    content = target.getvalue()
    for stand_in, name in stand_ins.items():
        content = content.replace(stand_in.encode(), name)
    return content


def tar_of_raw_names(names: list[bytes]) -> bytes:
    return tar_files({name.decode("latin-1"): b"" for name in names}, tarfile.GNU_FORMAT, "latin-1")


NAMES = {
    "cp932": ["日本語名.txt"],
    "cp949": ["새 폴더/사진.jpg", "회의록.docx"],
    "gb18030": ["中文名.txt"],
    "big5": ["新資料夾/照片.jpg", "中文檔名.txt"],
    "cp866": ["Привет.txt", "Фото.jpg"],
    "cp1251": ["Привет.txt", "Документы.zip"],
    "cp737": ["Ελληνικά.txt"],
    "cp850": ["Übersicht.txt", "Größe/Maße.doc", "São Paulo.jpg"],
    "cp437": ["Ångström.txt"],
    "utf-8": ["Übersicht.txt", "Größe.txt", "Maße.txt"],
}


@pytest.mark.parametrize("encoding", NAMES)
def test_names_in_old_encodings_are_decoded_and_marked_as_guessed(encoding: str) -> None:
    raw = [name.encode(encoding) for name in NAMES[encoding]]
    facts = facts_of(zip_of_raw_names([b"plain.txt", *raw]))
    assert facts["names"] == ["plain.txt", *NAMES[encoding]]
    assert facts["names_encoding"].replace("cp950", "big5") == encoding
    assert facts.get("names_guessed", False) == (encoding != "utf-8")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("encoding", ["cp932", "cp866", "utf-8"])
def test_names_in_tars_are_decoded(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    raw = [name.encode(encoding) for name in NAMES[encoding]]
    facts = facts_of(compress(tar_of_raw_names(raw)))
    assert facts["names"] == ["folder", *NAMES[encoding]]
    assert facts.get("names_guessed", False) == (encoding != "utf-8")


def test_single_short_name_in_utf_8_is_a_guess() -> None:
    facts = facts_of(zip_of_raw_names(["Übersicht.txt".encode()]))
    assert (facts["names"], facts["names_encoding"], facts["names_guessed"]) == (["Übersicht.txt"], "utf-8", True)
    facts = facts_of(zip_of_raw_names(["日.txt".encode()]))
    assert (facts["names"], facts["names_encoding"], "names_guessed" in facts) == (["日.txt"], "utf-8", False)


def test_encoding_is_guessed_from_all_names() -> None:
    """Each of them alone fits several encodings, and only the first twenty are shown."""
    names = [f"{number}-Отчёт за год.doc" for number in range(40)]
    facts = facts_of(
        zip_of_raw_names([b"%d.txt" % number for number in range(20)] + [n.encode("cp866") for n in names])
    )
    assert facts["names_encoding"] == "cp866"
    assert facts["names"] == [f"{number}.txt" for number in range(20)]


@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n"])
def test_names_that_are_wrongly_said_to_be_utf_8_are_guessed(before: bytes) -> None:
    """zipfile refuses such an archive, other programs read it."""
    raw = "日本語名.txt".encode("cp932")
    content = sample_files.zip_files({"é".ljust(len(raw) - 1, "x"): "abc", "日本.txt": "de"})
    facts = facts_of(before + content.replace("é".ljust(len(raw) - 1, "x").encode(), raw))
    assert (facts["entries"], facts["unpacked_size"]) == (2, 5)
    assert (facts["names"], facts["names_guessed"]) == (["日本語名.txt", "日本.txt"], True)


def test_extra_field_that_does_not_fit_is_ignored() -> None:
    facts = facts_of(zip_of_raw_names([b"a.txt"], struct.pack("<HH", 0x7075, 60) + b"\1xyz"))
    assert facts["names"] == ["a.txt"]


def test_names_that_say_that_they_are_utf_8_are_certain() -> None:
    facts = facts_of(sample_files.zip_files({"日本.txt": "a"}))
    assert facts["names"] == ["日本.txt"]
    assert not {"names_encoding", "names_guessed"} & set(facts)


@pytest.mark.parametrize("is_current", [True, False])
def test_extra_field_with_the_name_in_utf_8_is_used(is_current: bool) -> None:
    """Info-ZIP's, with the checksum of the name that it belongs to: a program may have renamed the entry."""
    raw, name = "Übersicht.txt".encode("cp850"), "Übersicht ✓.txt"
    checksum = zlib.crc32(raw) ^ (not is_current)
    field = b"\1" + struct.pack("<I", checksum) + name.encode()
    facts = facts_of(zip_of_raw_names([raw], struct.pack("<HH", 0x7075, len(field)) + field))
    assert facts["names"] == [name if is_current else "Übersicht.txt"]
    assert facts.get("names_guessed", False) == (not is_current)
