"""The origins of the app's own web pages."""

from emulator.page_origins import page_origins


def test_page_is_at_localhost_as_well() -> None:
    assert page_origins("http://127.0.0.1:8000 https://files.example/api") == [
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "https://files.example",
    ]


def test_app_without_urls_has_no_pages() -> None:
    assert page_origins("") == []
