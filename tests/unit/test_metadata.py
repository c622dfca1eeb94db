"""What is allowed in a file's metadata."""

import pytest

from chalicelib.core.errors import INVALID_METADATA, ServiceError
from chalicelib.core.files.metadata import MAX_BYTES, check_metadata


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"order": "7"},
        {"empty": "", ".": "a dot", "-a_B.9": "Grüße, 文件 👩‍👧\n"},
        {"k" * 64: "v" * 500},
        {f"{n:02}": "v" for n in range(20)},
        {f"k{n}": "😀" * 127 for n in range(4)},
    ],
)
def test_valid_metadata_is_unchanged(metadata: dict[str, str]) -> None:
    assert check_metadata(metadata) == metadata


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({f"{n}": "v" for n in range(21)}, "it has 21 entries, and 20 are allowed"),
        ({"": "v"}, "the key `` must have 1 to 64 characters"),
        ({"k" * 65: "v"}, "must have 1 to 64 characters"),
        ({"a b": "v"}, "the key `a b` must have"),
        ({"é": "v"}, "the key `é` must have"),
        ({"a\n": "v"}, "the key `a\n` must have"),
        ({"a[b]": "v"}, "the key `a[b]` must have"),
        ({"٣": "v"}, "the key `٣` must have"),
        ({"a": "v" * 501}, "the value of `a` is longer than 500 characters"),
        ({"a": "x\0"}, "the value of `a` contains a NUL character or half of a surrogate pair"),
        ({"a": "\ud800"}, "the value of `a` contains a NUL character or half of a surrogate pair"),
        ({f"k{n}": "😀" * 128 for n in range(4)}, "its keys and values have 2056 bytes in UTF-8"),
    ],
)
def test_invalid_metadata_is_refused_with_the_reason(metadata: dict[str, str], reason: str) -> None:
    with pytest.raises(ServiceError) as raised:
        check_metadata(metadata)
    assert raised.value.kind is INVALID_METADATA
    assert reason in raised.value.message


def test_the_size_is_that_of_keys_and_values() -> None:
    full = {f"{n}": "v" * 499 for n in range(4)} | {"rest": "v" * (MAX_BYTES - 2000 - 4)}
    assert check_metadata(full) == full
    with pytest.raises(ServiceError):
        check_metadata(full | {"rest": full["rest"] + "v"})
