"""What handlers compute from the request: the caller, the base of URLs, the request's id."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from chalicelib.core.accounts.model import Caller, Owners
from chalicelib.http.arguments import query_parameters
from chalicelib.http.authentication import current_caller, current_owner, visible_owners
from chalicelib.http.base_url import base_url, base_urls
from chalicelib.http.declarations import Dependency
from chalicelib.http.request_id import request_id

Owner = Annotated[str, Dependency(current_owner)]
"""Who owns what the request creates."""

VisibleOwners = Annotated[Owners, Dependency(visible_owners)]
"""Whose files the request may read and change: its owner's, or every owner's."""

CurrentCaller = Annotated[Caller, Dependency(current_caller)]
"""Who makes the request."""

BaseUrl = Annotated[str, Dependency(base_url)]
"""The base of the URLs in the response."""

BaseUrls = Annotated[Sequence[str], Dependency(base_urls)]
"""All bases of the API's URLs, the one in the response first."""

QueryParameters = Annotated[Mapping[str, str], Dependency(query_parameters)]
"""The query parameters as they were sent, for a link to the next page."""

RequestId = Annotated[str, Dependency(request_id)]
"""The request's id."""
