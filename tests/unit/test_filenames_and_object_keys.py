"""Names in any script survive; paths and control characters don't."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import clean_filename, filename_from_key
from chalicelib.core.files.object_keys import object_key

ID = UUID("01930000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg",
        " two  spaces .txt",
        "a+b=c&d?e#f%20.txt",
        'it\'s "quoted".txt',
        "Grüße aus Köln.pdf",
        "отчёт.docx",
        "文件 名.png",
        "ملف.pdf",
        "👩\u200d👩\u200d👧.gif",
        ".env",
        "x" * 255,
        "😀" * 255,
    ],
)
def test_valid_filename_is_unchanged(name: str) -> None:
    assert clean_filename(name) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [("../../etc/passwd", "passwd"), (r"C:\fakepath\cat.png", "cat.png"), ("/a/b/c.txt", "c.txt")],
)
def test_clean_filename_drops_directories(raw: str, name: str) -> None:
    assert clean_filename(raw) == name


@pytest.mark.parametrize(
    "raw", ["", "  ", ".", "..", "a/", "a/..", "x" * 256, "a\0b", "a\nb", "a\x7fb", "a\u2028b", "a\ud800b"]
)
def test_invalid_filename_is_refused(raw: str) -> None:
    with pytest.raises(ServiceError) as caught:
        clean_filename(raw)
    assert caught.value.kind is INVALID_NAME


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_object_key_is_cut_to_its_maximum_length(name: str) -> None:
    key = object_key(ID, name)
    assert len(key.encode()) <= 1024
    assert name.startswith(key.removeprefix(f"uploads/{ID}/"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_filename_from_any_key_is_valid(key: str) -> None:
    name = filename_from_key(f"uploads/{key}")
    assert clean_filename(name) == name
