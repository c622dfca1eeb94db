"""Which media types of files are allowed."""

import pytest

from chalicelib.core.limits.media_types import is_allowed
from chalicelib.core.limits.model import OwnerLimits


def allows(media_type: str, *, allowed: str = "", denied: str = "") -> bool:
    limits = OwnerLimits(
        max_file_bytes=1, allowed_types=tuple(allowed.split()), denied_types=tuple(denied.split())
    )
    return is_allowed(media_type, limits)


def test_without_patterns_every_type_is_allowed() -> None:
    assert allows("image/png")
    assert allows("application/octet-stream")


@pytest.mark.parametrize(
    "media_type", ["image/png", "IMAGE/PNG", "image/png; a=b", "Image/Png;charset=x", "image/x-png"]
)
@pytest.mark.parametrize("pattern", ["image/png", "image/*", "IMAGE/*", "text/* image/png"])
def test_a_type_matches_whatever_its_case_its_parameters_and_its_other_names(
    media_type: str, pattern: str
) -> None:
    assert allows(media_type, allowed=pattern)
    assert not allows(media_type, denied=pattern)


@pytest.mark.parametrize("media_type", ["text/plain", "text/plain;charset=utf-8", 'text/plain; charset="utf-16"'])
def test_the_encoding_of_a_text_does_not_matter(media_type: str) -> None:
    assert allows(media_type, allowed="text/plain")


@pytest.mark.parametrize("media_type", ["imagex/png", "image", "application/image/png", "text/plain"])
def test_other_types_do_not_match(media_type: str) -> None:
    assert not allows(media_type, allowed="image/*")


def test_denied_wins_over_allowed() -> None:
    assert not allows("image/svg+xml", allowed="image/*", denied="image/svg+xml")
    assert not allows("image/svg+xml", allowed="image/svg+xml", denied="image/*")
    assert allows("image/png", allowed="image/*", denied="image/svg+xml")


def test_a_pattern_may_have_another_name_of_the_type() -> None:
    assert allows("application/zip", allowed="application/x-zip-compressed")
    assert not allows("application/vnd.microsoft.portable-executable", denied="application/x-msdownload")
