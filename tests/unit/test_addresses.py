"""The addresses in the pages' examples."""

from tests.pages.addresses import replace_addresses


def test_an_address_that_replaces_another_is_not_replaced_itself() -> None:
    addresses = {"http://a:8000": "http://a:45661", "http://a:4566": "http://a:3639"}
    assert replace_addresses("http://a:8000 http://a:4566/ http://a:45660", addresses) == (
        "http://a:45661 http://a:3639/ http://a:45660"
    )
