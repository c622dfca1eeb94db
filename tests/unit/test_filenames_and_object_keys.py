"""Names in any script survive; paths and control characters don't."""

from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import NAME_PATTERN, clean_filename, filename_from_key
from chalicelib.core.files.object_keys import hide_name, object_key

ID = UUID("01930000-0000-7000-8000-000000000000")
NAME_SCHEMA = Draft202012Validator({"type": "string", "pattern": NAME_PATTERN})
"""It reads patterns as ECMA 262 does, unlike Python."""


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
    ("raw", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("a/", "it is empty"),
        (".", "`.` means a folder"),
        ("..", "`..` means a folder"),
        ("a/..", "`..` means a folder"),
        ("x" * 256, "it is longer than 255 characters"),
        ("a\0b", "it contains a control character"),
        ("a\nb", "it contains a control character"),
        ("a\x7fb", "it contains a control character"),
        ("a\u2028b", "it contains a line separator"),
        ("a\u2029b", "it contains a paragraph separator"),
        ("a\ud800b", "it contains half of a surrogate pair"),
    ],
)
def test_invalid_filename_is_refused_with_its_reason(raw: str, reason: str) -> None:
    with pytest.raises(ServiceError) as caught:
        clean_filename(raw)
    assert caught.value.kind is INVALID_NAME
    assert caught.value.message == f"The file name is invalid: {reason}."


@given(st.text(st.sampled_from("a./\\ \n\x1f\x7f\x85\u00a0\u2003\u2028\u3000\ufeff😀"), max_size=5))
@example("a/" + "😀" * 255)
@example("x" * 256)
def test_the_described_pattern_is_what_clean_filename_accepts(raw: str) -> None:
    assert NAME_SCHEMA.is_valid(raw) == _is_accepted(raw)


def test_the_described_pattern_agrees_on_every_character_up_to_the_last_blank() -> None:
    characters = [chr(code) for code in range(ord("\u3000") + 1)]
    disagreed = [each for each in characters if NAME_SCHEMA.is_valid(each) != _is_accepted(each)]
    assert disagreed == []


def _is_accepted(raw: str) -> bool:
    try:
        clean_filename(raw)
    except ServiceError:
        return False
    return True


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_object_key_is_cut_to_its_maximum_length(name: str) -> None:
    key = object_key(ID, name)
    assert len(key.encode()) <= 1024
    assert name.startswith(key.removeprefix(f"uploads/{ID}/"))


def test_object_key_has_nothing_that_s3_replaces() -> None:
    """In the key of a form, by the name of the file that the client sends."""
    assert object_key(ID, "a ${filename}.txt") == f"uploads/{ID}/a $filename.txt"
    assert "${filename}" not in object_key(ID, "${file${filename}name} ${${filename}}")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_filename_from_any_key_is_valid(key: str) -> None:
    name = filename_from_key(f"uploads/{key}")
    assert clean_filename(name) == name


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (object_key(ID, "secret.txt"), f"uploads/{ID}/…"),
        (f"uploads/{ID}/a/secret", f"uploads/{ID}/…"),
        ("uploads/secret/secret.txt", "uploads/…"),
        ("uploads/secret", "uploads/…"),
        (f"uploads/{ID}", "uploads/…"),
    ],
)
def test_key_in_a_log_line_has_no_name(key: str, shown: str) -> None:
    assert hide_name(key) == shown
