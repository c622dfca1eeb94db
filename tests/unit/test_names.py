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
def test_a_name_stays_as_it_is(name: str) -> None:
    assert clean_filename(name) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [("../../etc/passwd", "passwd"), (r"C:\fakepath\cat.png", "cat.png"), ("/a/b/c.txt", "c.txt")],
)
def test_path_parts_are_dropped(raw: str, name: str) -> None:
    assert clean_filename(raw) == name


@pytest.mark.parametrize(
    "raw", ["", "  ", ".", "..", "a/", "a/..", "x" * 256, "a\0b", "a\nb", "a\x7fb", "a\u2028b", "a\ud800b"]
)
def test_what_no_file_can_be_called_is_refused(raw: str) -> None:
    with pytest.raises(ServiceError) as caught:
        clean_filename(raw)
    assert caught.value.kind is INVALID_NAME


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_a_key_fits_and_keeps_the_names_beginning(name: str) -> None:
    key = object_key(ID, name)
    assert len(key.encode()) <= 1024
    assert name.startswith(key.removeprefix(f"uploads/{ID}/"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_key_gives_a_name_that_would_be_taken(key: str) -> None:
    name = filename_from_key(f"uploads/{key}")
    assert clean_filename(name) == name
