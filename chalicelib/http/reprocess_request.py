"""The body of a request to process files again."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class ReprocessRequest(Struct, forbid_unknown_fields=True):
    """Which files to examine."""

    after: Annotated[
        UUID | None, Meta(description="The `after` of the last response; without it, all files are examined.")
    ] = None


ALL_FILES = ReprocessRequest()
