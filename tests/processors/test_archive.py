"""Archives: what is in them, without unpacking."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from chalicelib.core.errors import UNREADABLE_ARCHIVE, BadContentError
from chalicelib.processors import archive
from tests.processors import made
from tests.processors.described import described, facts

COMPRESSORS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("bzip2", bz2.compress),
    ("xz", lzma.compress),
]


def tarred(files: dict[str, bytes], layout: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=layout) as package:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        package.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    return target.getvalue()


def test_a_zip() -> None:
    content = made.zipped({"folder/": "", "folder/a.txt": "a" * 10_000, "b.zip": made.zipped({"c": "c"})})
    found = facts(content)
    assert (found["format"], found["entries"], found["files"], found["folders"]) == ("zip", 3, 2, 1)
    assert (found["encrypted"], found["archives_inside"]) == (False, 1)
    assert found["unpacked_size"] == 10_000 + len(made.zipped({"c": "c"}))
    assert found["ratio"] == round(found["unpacked_size"] / len(content), 2)
    assert found["names"] == ["folder/", "folder/a.txt", "b.zip"]
    assert "bomb" not in found


def test_an_encrypted_zip() -> None:
    content = bytearray(made.zipped({"a.txt": "a"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    assert facts(bytes(content))["encrypted"] is True


def test_a_zip_behind_other_bytes_and_an_empty_one() -> None:
    assert facts(made.zipped({}))["entries"] == 0
    assert facts(b"PK\x03\x04" + bytes(100) + made.zipped({"a": "a"}))["entries"] == 1


def test_a_zip_that_was_cut_off_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        described(made.zipped({"a.txt": "a" * 1000})[:-30])
    assert caught.value.kind is UNREADABLE_ARCHIVE
    assert "not a zip file" in caught.value.message


def test_a_directory_too_large_to_read_is_said_to_be() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for number in range(40_000):
            package.writestr(zipfile.ZipInfo(f"{number:0100}"), b"")
    content = target.getvalue()
    assert facts(content) == {"version": 2, "format": "zip", "entries": 40_000, "directory_too_large": True}


@pytest.mark.parametrize("layout", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar(layout: int) -> None:
    found = facts(tarred({"a.txt": b"a" * 5000, "b" * 90: b"b"}, layout))
    assert (found["format"], found["entries"], found["files"], found["folders"]) == ("tar", 3, 2, 1)
    assert (found["unpacked_size"], found["entries_estimated"]) == (5001, False)
    assert found["names"] == ["folder", "a.txt", "b" * 90]


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_compressed_files(name: str, compress: Callable[[bytes], bytes]) -> None:
    found = facts(compress(b"some text\n" * 10_000))
    assert (found["format"], found["unpacked_size"], found["unpacked_size_estimated"]) == (name, 100_000, False)
    assert "contains" not in found


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_compressed_tars(name: str, compress: Callable[[bytes], bytes]) -> None:
    package = tarred({"a.txt": b"a" * 5000})
    found = facts(compress(package))
    assert (found["format"], found["contains"], found["entries"]) == (name, "tar", 2)
    assert (found["unpacked_size"], found["unpacked_size_estimated"]) == (len(package), False)


@pytest.mark.parametrize(("name", "compress"), COMPRESSORS)
def test_compressed_files_that_were_cut_off(name: str, compress: Callable[[bytes], bytes]) -> None:
    content = compress(bytes(i * i % 251 for i in range(2_000_000)))
    found = facts(content[: len(content) - 20])
    assert (found["format"], found["damaged"]) == (name, True)


def test_a_compressed_file_with_nothing_readable_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        described(b"\x1f\x8b\x08\x00" + bytes(20))
    assert caught.value.kind is UNREADABLE_ARCHIVE


def test_a_tar_that_was_cut_off_tells_what_came_before() -> None:
    package = tarred({"a.txt": b"a" * 5000, "b.txt": b"b" * 5000})
    found = facts(package[:4000])
    assert (found["names"], found["damaged"]) == (["folder", "a.txt"], True)


def test_what_a_large_compressed_file_holds_is_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1_000_000)
    content = gzip.compress(b"".join(b"%d\n" % (number * number) for number in range(500_000)))
    found = archive.describe(io.BytesIO(content), len(content)).facts
    assert found["unpacked_size_estimated"] is True
    assert abs(found["unpacked_size"] / 5_700_000 - 1) < 0.3


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x00", "rar"), (b"\x28\xb5\x2f\xfd", "zstd")],
)
def test_other_archives_are_named(content: bytes, name: str) -> None:
    assert facts(content + bytes(50)) == {"version": 2, "format": name}
