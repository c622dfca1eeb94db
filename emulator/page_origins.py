"""The origins of the app's own web pages, which upload to its bucket."""

from urllib.parse import urlsplit


def page_origins(public_urls: str) -> list[str]:
    """Return the origins of URLs that are separated by spaces. What is at 127.0.0.1 is at localhost as well."""
    origins: dict[str, None] = {}
    for url in map(urlsplit, public_urls.split()):
        origins[f"{url.scheme}://{url.netloc}"] = None
        if url.hostname == "127.0.0.1":
            origins[f"{url.scheme}://{url.netloc.replace('127.0.0.1', 'localhost')}"] = None
    return list(origins)
