"""The file of tokens."""

from pathlib import Path

import pytest

from filectl.errors import UsageError
from filectl.stored_tokens import StoredTokens, normal_url


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def stored(tmp_path: Path, warnings: list[str]) -> StoredTokens:
    return StoredTokens(tmp_path / "config" / "file-loader" / "tokens.json", warnings.append)


def test_only_the_user_can_read_it(stored: StoredTokens, warnings: list[str]) -> None:
    for token in ("first", "second"):
        stored.store("http://a", token)
        assert stored.path.stat().st_mode & 0o777 == 0o600
    assert stored.path.parent.stat().st_mode & 0o777 == 0o700
    assert (stored.find("http://a"), warnings) == ("second", [])
    assert list(stored.path.parent.iterdir()) == [stored.path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_warned_of(stored: StoredTokens, warnings: list[str], mode: int) -> None:
    stored.store("http://a", "secret")
    stored.path.chmod(mode)
    assert stored.find("http://a") == "secret"
    assert warnings == [f"Other users can read the tokens in {stored.path}. Run: chmod 600 {stored.path}"]
    stored.store("http://b", "other")
    assert stored.path.stat().st_mode & 0o777 == 0o600


def test_tokens_of_other_services_stay(stored: StoredTokens) -> None:
    stored.store("http://a", "one")
    stored.store("http://b", "two")
    assert stored.remove("http://a/")
    assert not stored.remove("http://a/")
    assert (stored.find("http://a"), stored.find("http://b")) == (None, "two")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"tokens": 1}', '{"tokens": {"http://a": 5}}', '{"other": 2}', "\xff"]
)
def test_a_damaged_file_is_said_without_its_content(stored: StoredTokens, content: str) -> None:
    stored.store("http://a", "secret")
    stored.path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=r"is damaged\. Remove it, and run: filectl login"):
        stored.find("http://a")


def test_a_file_that_cannot_be_read_is_said(stored: StoredTokens) -> None:
    stored.path.mkdir(parents=True)
    with pytest.raises(UsageError, match="can't be read"):
        stored.find("http://a")


def test_a_full_disk_leaves_the_tokens_before(stored: StoredTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    stored.store("http://a", "one")
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        stored.store("http://a", "two")
    assert stored.find("http://a") == "one"
    assert list(stored.path.parent.iterdir()) == [stored.path]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a/", "http://a"),
        ("HTTP://A:80/b/", "http://a/b"),
        ("https://a:443", "https://a"),
        ("http://a:443/B", "http://a:443/B"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_url_has_one_normal_form(url: str, expected: str) -> None:
    assert normal_url(url) == expected
