"""S3's responses to web pages, by the CORS configuration of the bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml.ElementTree import ParseError, fromstring

VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@dataclass(frozen=True)
class CorsRule:
    """A rule of a configuration. Origins and headers may have an asterisk, which stands for any characters."""

    origins: Sequence[str] = ()
    methods: Sequence[str] = ()
    headers: Sequence[str] = ()
    exposed: Sequence[str] = ()
    max_age: str | None = None

    def allows(self, origin: str, method: str, headers: Sequence[str]) -> bool:
        """Return whether a page of the origin may send a request with this method and these headers."""
        return (
            any(_matches(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and all(any(_matches(pattern.lower(), name) for pattern in self.headers) for name in headers)
        )

    def make_headers(self, origin: str, headers: Sequence[str]) -> dict[str, str]:
        """Return the headers of the response to an allowed request."""
        response = {"access-control-allow-origin": "*" if "*" in self.origins else origin, "vary": VARY}
        if "*" not in self.origins:
            response["access-control-allow-credentials"] = "true"
        response["access-control-allow-methods"] = ", ".join(self.methods)
        if headers:
            response["access-control-allow-headers"] = ", ".join(headers)
        if self.exposed:
            response["access-control-expose-headers"] = ", ".join(self.exposed)
        if self.max_age is not None:
            response["access-control-max-age"] = self.max_age
        return response


def read_rules(configuration: bytes) -> list[CorsRule]:
    """Return the rules of a bucket's configuration, which is XML; none of what isn't one."""
    try:
        elements = [element for element in fromstring(configuration) if _name(element) == "CORSRule"]
    except ParseError:
        return []
    return [_read_rule(element) for element in elements]


def cors_headers(rules: Sequence[CorsRule], request: Mapping[str, str], method: str) -> dict[str, str] | None:
    """Return the headers with which S3 lets a page have the response to its request, None if no rule allows it.

    `request` has the request's headers. Those that it announces (`Access-Control-Request-Headers`) count, too.
    """
    origin = request.get("origin", "")
    names = request.get("access-control-request-headers", "").lower().split(",")
    headers = [name.strip() for name in names if name.strip()]
    for rule in rules:
        if rule.allows(origin, method, headers):
            return rule.make_headers(origin, headers)
    return None


def _read_rule(element: Any) -> CorsRule:
    values: dict[str, list[str]] = {}
    for child in element:
        values.setdefault(_name(child), []).append((child.text or "").strip())
    return CorsRule(
        origins=values.get("AllowedOrigin", []),
        methods=values.get("AllowedMethod", []),
        headers=values.get("AllowedHeader", []),
        exposed=values.get("ExposeHeader", []),
        max_age=values.get("MaxAgeSeconds", [None])[0],
    )


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value) is not None


def _name(element: Any) -> str:
    name: str = element.tag
    return name.rpartition("}")[2]
