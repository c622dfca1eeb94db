"""Requests to the service, and what its responses mean."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from urllib3 import BaseHTTPResponse, Retry

from file_loader_client.connections import SERVICE_RETRIES, Connections, retry_after
from file_loader_client.errors import InvalidResponseError, ServiceError, service_error_class
from file_loader_client.json_types import decode_json

T = TypeVar("T")

ResponseHook = Callable[[str, str, BaseHTTPResponse], None]
"""Gets the method, the URL and the response."""

_OF_ANOTHER_SERVER = {404, 405, 501}
"""Statuses that the service, and a gateway that has it, respond with in JSON alone: it has these routes."""

NEXT_PAGE = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


class Service:
    """The service at a base URL."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        owner: str | None,
        connections: Connections,
        on_response: ResponseHook | None,
    ) -> None:
        if token and not all(" " <= char <= "~" for char in token):
            raise ValueError("the token has a line break or a character that isn't ASCII")
        self._base_url = base_url.rstrip("/")
        self._connections = connections
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if owner is not None:
            self._headers["X-Owner"] = quote(owner, safe="")
        self._on_response = on_response

    def call(self, method: str, path: str, type: type[T], **options: Any) -> T:
        """Send a request, and return the resource in the response. `options` are those of `request`."""
        return self.decode(self.request(method, path, **options), type)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | str = "",
        json: object = None,
        headers: Mapping[str, str] | None = None,
        wait: float = 0,
        retries: Retry = SERVICE_RETRIES,
    ) -> BaseHTTPResponse:
        """Send a request, and return its response, which has a status below 400. Raises ServiceError."""
        query = query if isinstance(query, str) else urlencode(query)
        url = f"{self._base_url}{path}" + (f"?{query}" if query else "")
        sent = {**self._headers, **(headers or {})}
        body = None
        if json is not None:
            sent["Content-Type"] = "application/json"
            body = msgspec.json.encode(json)
        response = self._connections.request(method, url, headers=sent, body=body, wait=wait, retries=retries)
        if self._on_response is not None:
            self._on_response(method, url, response)
        if response.status >= 400:
            raise self._describe_refusal(response)
        return response

    def decode(self, response: BaseHTTPResponse, type: type[T]) -> T:
        """Return the resource in a response. Raises InvalidResponseError if there is none of this type."""
        try:
            return decode_json(response.data, type)
        except msgspec.DecodeError as error:
            target = response.headers.get("Location")
            found = f"a redirect to {target}" if target else f"{response.headers.get('Content-Type')} ({error})"
            raise InvalidResponseError(
                f"{self._base_url} isn't a file-loader service: it responds with {response.status}, {found}"
            ) from error

    def _describe_refusal(self, response: BaseHTTPResponse) -> ServiceError | InvalidResponseError:
        """Return the error in a response of the service, or of a gateway before it."""
        reason = f"{response.status} {response.reason}"
        try:
            body = decode_json(response.data, _ErrorBody)
        except msgspec.DecodeError:
            if response.status in _OF_ANOTHER_SERVER:
                return InvalidResponseError(
                    f"{self._base_url} isn't a file-loader service: it responds with {reason}"
                )
            body = _ErrorBody(f"The server responded with {reason}.")
        was_repeated = bool(response.retries and response.retries.history)
        return service_error_class(response.status, body.error)(
            response.status,
            body.error,
            body.message,
            body.requestId,
            was_repeated=was_repeated,
            retry_after=retry_after(response),
            base_url=self._base_url,
        )

    def pages(self, path: str, query: Mapping[str, str | int], type: type[T]) -> Iterator[T]:
        """Yield the resources of all pages. The next page is requested when the one before was used up."""
        next_page: str | None = urlencode(query)
        while next_page is not None:
            response = self.request("GET", path, query=next_page)
            yield from self.decode(response, list[type])  # type: ignore[valid-type]  # a class at run time
            next_page = _next_query(response)

    def delete(self, path: str) -> None:
        """Delete what is at the path. If a repeated request finds nothing, the one before has deleted it."""
        try:
            self.request("DELETE", path)
        except ServiceError as error:
            if error.status != 404 or not error.was_repeated:
                raise


def _next_query(response: BaseHTTPResponse) -> str | None:
    """Return the query string of the next page, None after the last one."""
    found = NEXT_PAGE.search(response.headers.get("Link", ""))
    return urlsplit(found[1]).query if found else None


class _ErrorBody(msgspec.Struct):
    message: str
    error: str = "unknown"
    requestId: str | None = None  # noqa: N815  # its JSON name
