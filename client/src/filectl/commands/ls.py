"""`filectl ls`."""

from itertools import islice
from typing import TYPE_CHECKING

import click

from filectl.invocation import Invocation, common_options
from filectl.metadata import parse_metadata

if TYPE_CHECKING:
    from file_loader_client import File

ORDERS = ("-uploaded_at", "uploaded_at", "name", "-name", "size", "-size")
MAX_PAGE = 1000


@click.command
@click.option("--status", metavar="STATUS", help="Only files with this status, such as processed or failed.")
@click.option("--type", metavar="TYPE", help="Only files of this detected type: image/png, or image/*.")
@click.option("-q", "--query", metavar="TEXT", help="Only files whose name contains this, in any case.")
@click.option("--text", metavar="WORDS", help="Only files with all of these words in their texts, such as titles.")
@click.option(
    "--metadata",
    metavar="KEY=VALUE",
    multiple=True,
    help="Only files that have this in their metadata. Can be repeated.",
)
@click.option(
    "--mismatch", is_flag=True, help="Only files whose content contradicts their declared type or extension."
)
@click.option(
    "--order",
    type=click.Choice(ORDERS),
    default=ORDERS[0],
    show_default=True,
    help="What to sort by; - descending.",
)
@click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, help="How many at most; 0 for all."
)
@common_options
@click.pass_obj
def ls(
    invocation: Invocation,
    status: str | None,
    type: str | None,
    query: str | None,
    text: str | None,
    metadata: tuple[str, ...],
    mismatch: bool,
    order: str,
    limit: int,
) -> None:
    """List files, the newest first.

    \b
    On a terminal, a table. Otherwise a line for each file, with tabs between:
    id, status, size in bytes, detected type, time of the upload, name.
    With --json, an array of the files as the service has them.
    """
    from filectl.file_table import write_files

    with invocation.connect() as client:
        found = client.files(
            status=status,
            type=type,
            q=query,
            text=text,
            mismatch=mismatch or None,
            order=order,
            metadata=parse_metadata(metadata),
            page_size=min(limit + 1, MAX_PAGE) if limit else MAX_PAGE,
        )
        files: list[File] = list(islice(found, limit or None))
        write_files(invocation.output, files)
        if limit and next(found, None):
            invocation.output.warn(
                f"These are the first {limit} files. There are more: use --limit, or 0 for all."
            )
