"""Detection of what is in an OLE compound file."""

import pytest

from chalicelib.core.errors import ServiceError
from chalicelib.processors.detection.detect import detect
from tests.processors.compound_files import make_compound_file, make_compound_file_parts
from tests.processors.detect_bytes import detect_bytes
from tests.processors.failing_file import FailingFile
from tests.sparse import Sparse, SparseStorage

OLE = "application/x-ole-storage"


@pytest.mark.parametrize(
    ("names", "media_type"),
    [
        (["WordDocument", "1Table"], "application/msword"),
        (["\5SummaryInformation", "WordDocument"], "application/msword"),
        (["Workbook"], "application/vnd.ms-excel"),
        (["Book"], "application/vnd.ms-excel"),
        (["Current User", "PowerPoint Document"], "application/vnd.ms-powerpoint"),
        (["PP40"], "application/vnd.ms-powerpoint"),
        (["VisioDocument"], "application/vnd.visio"),
        (["__nameid_version1.0", "__properties_version1.0"], "application/vnd.ms-outlook"),
        (["Quill", "Contents"], "application/vnd.ms-publisher"),
        (["MatOST"], "application/vnd.ms-works"),
        (["FileHeader", "HwpSummaryInformation"], "application/x-hwp"),
        (["StarWriterDocument"], "application/vnd.stardivision.writer"),
        (["StarCalcDocument"], "application/vnd.stardivision.calc"),
        (["EncryptionInfo", "EncryptedPackage"], OLE),
        (["Catalog"], OLE),
        ([], OLE),
        ([f"x{number}" for number in range(100)] + ["WordDocument"], "application/msword"),
    ],
)
@pytest.mark.parametrize("blank_sectors", [0, 20])
def test_kinds_of_compound_files(names: list[str], media_type: str, blank_sectors: int) -> None:
    assert detect_bytes(make_compound_file(*names, blank_sectors=blank_sectors)) == media_type


@pytest.mark.parametrize(
    ("class_id", "media_type"),
    [
        ("000c1084-0000-0000-c000-000000000046", "application/x-msi"),
        ("000c1086-0000-0000-c000-000000000046", "application/x-msi"),
        ("00021201-0000-0000-00c0-000000000046", "application/vnd.ms-publisher"),
        ("74b78f3a-c8c8-11d1-be11-00c04fb6faf1", "application/vnd.ms-project"),
    ],
)
def test_type_by_the_class_of_the_root(class_id: str, media_type: str) -> None:
    assert detect_bytes(make_compound_file("x", class_id=class_id)) == media_type


@pytest.mark.parametrize("mebibytes", [6, 8, 40, 400])
def test_directory_at_the_end_of_a_large_file(mebibytes: int) -> None:
    blank = mebibytes * 2048
    names = [*(f"x{number}" for number in range(20)), "PowerPoint Document"]
    begin, end = make_compound_file_parts(*names, blank_sectors=blank)
    size = len(begin) + blank * 512 + len(end)
    storage = SparseStorage(Sparse(size, {0: begin, size - len(end): end}))
    with storage.open() as source:
        assert detect(source, size) == "application/vnd.ms-powerpoint"
    assert storage.requests <= 5


def test_embedded_document_does_not_count() -> None:
    assert detect_bytes(make_compound_file("ObjectPool", inside="WordDocument")) == OLE


@pytest.mark.parametrize(
    ("begin", "media_type"),
    [
        (b"\xec\xa5\xc1\x00", "application/msword"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "application/vnd.ms-excel"),
        (b"", OLE),
    ],
)
def test_file_without_a_directory(begin: bytes, media_type: str) -> None:
    assert detect_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + begin + bytes(600)) == media_type


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (30, b"\xff\xff"),  # the size of a sector
        (30, b"\x00\x00"),
        (48, b"\xfe\xff\xff\xff"),  # the directory's first sector
        (48, b"\xff\xff\xff\x7f"),
        (76, b"\xff\xff\xff\xff"),  # the allocation table's first sector
        (512 + 4, b"\x01\x00\x00\x00"),  # the directory continues where it begins
        (1024 + 76, b"\x00\x00\x00\x00"),  # the root is its own child
        (1024 + 128 + 72, b"\x01\x00\x00\x00"),  # an entry is its own sibling
    ],
)
def test_damaged_directory_ends(offset: int, value: bytes) -> None:
    content = bytearray(make_compound_file("WordDocument"))
    content[offset : offset + len(value)] = value
    assert detect_bytes(bytes(content)) in {OLE, "application/msword"}
    for end in range(0, len(content), 100):
        detect_bytes(bytes(content[:end]))


def test_storage_error_is_not_taken_for_a_damaged_directory() -> None:
    content = make_compound_file("WordDocument", blank_sectors=100)
    with pytest.raises(ServiceError, match="storage_unavailable"):
        detect(FailingFile(content), len(content))
