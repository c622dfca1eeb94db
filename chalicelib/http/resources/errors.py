"""The JSON form of errors."""

from typing import Annotated

from msgspec import Meta, Struct


class ErrorResource(Struct):
    """An error response."""

    error: Annotated[str, Meta(description="The error's code.")]
    message: Annotated[str, Meta(description="What is wrong, and what to do.")]
    requestId: Annotated[str, Meta(description="The request's id, which is also in the log.")]  # noqa: N815  # its JSON name
