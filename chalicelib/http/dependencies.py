"""What handlers compute from the request: the caller, the base of URLs, the request's id."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from chalicelib.http.arguments import query_parameters
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url, base_urls
from chalicelib.http.declarations import Dependency
from chalicelib.http.request_id import request_id

Owner = Annotated[str, Dependency(current_owner)]
"""The owner on whose behalf the request is made."""

BaseUrl = Annotated[str, Dependency(base_url)]
"""The base of the URLs in the response."""

BaseUrls = Annotated[Sequence[str], Dependency(base_urls)]
"""All bases of the API's URLs, the one in the response first."""

QueryParameters = Annotated[Mapping[str, str], Dependency(query_parameters)]
"""The query parameters as they were sent, for a link to the next page."""

RequestId = Annotated[str, Dependency(request_id)]
"""The request's id."""
