"""`filectl get`."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from filectl.errors import FileProblemError, SignalError, UsageError
from filectl.invocation import Invocation, common_options
from filectl.output import Output
from filectl.progress_bars import ProgressDisplay, show_progress
from filectl.text import printable

if TYPE_CHECKING:
    from file_loader_client import Client

STANDARD_OUTPUT = "-"


@click.command
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE|DIR|-",
    default=".",
    help="Where to: a file, a folder, or - for standard output. By default this folder, under the file's name.",
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
@common_options
@click.pass_obj
def get(invocation: Invocation, ids: tuple[str, ...], target: str, force: bool, quiet: bool) -> None:
    """Download files, and print their paths.

    A file gets its name only when it is whole and verified. An interrupted download continues with the next one
    to the same folder. What goes to standard output is stored and verified before.
    """
    output = invocation.output
    _check_target(ids, target, as_json=output.as_json)
    try:
        with (
            invocation.connect() as client,
            show_progress(output, [None] * len(ids), is_wanted=not quiet) as display,
        ):

            def download(file_id: str) -> None:
                if target == STANDARD_OUTPUT:
                    _print_content(client, file_id, output, display)
                else:
                    _save(client, file_id, Path(target), output, display, is_forced=force)

            invocation.try_each(ids, download)
    except SignalError:
        output.begin_line()
        if target != STANDARD_OUTPUT:
            output.warn("Interrupted. Run the same command again to continue.")
        raise


def _check_target(ids: tuple[str, ...], target: str, *, as_json: bool) -> None:
    if target == STANDARD_OUTPUT:
        if as_json:
            raise UsageError("With --output - the content is printed, so there is no JSON.")
    elif len(ids) > 1 and not Path(target).is_dir():
        raise UsageError(f"{target} isn't a folder, and these are {len(ids)} files.")
    elif target.endswith("/") and not Path(target).is_dir():
        raise UsageError(f"There is no folder {target}.")


def _save(
    client: "Client", file_id: str, target: Path, output: Output, display: ProgressDisplay, *, is_forced: bool
) -> None:
    """Download a file to the target, and print its path."""
    from file_loader_client.download import target_path

    file = client.file(file_id)
    path = target_path(target, file)
    if path.exists() and not is_forced:
        raise FileProblemError("file_exists", f"{path} exists. Use --force to replace it, or --output.")
    with display.follow(file.name, file.size) as transfer:
        client.download(file_id, path, progress=transfer.show)
    if output.as_json:
        output.write_json({"id": file_id, "path": str(path)})
    else:
        output.write(printable(str(path)))


def _print_content(client: "Client", file_id: str, output: Output, display: ProgressDisplay) -> None:
    """Print the content of a file when it is verified: what has been printed can't be taken back."""
    with TemporaryDirectory(prefix="filectl-") as folder:
        path = Path(folder, "content")
        with display.follow(file_id, None) as transfer:
            client.download(file_id, path, progress=transfer.show)
        with path.open("rb") as content, output.raise_if_closed(sys.stdout):
            shutil.copyfileobj(content, sys.stdout.buffer, 1024 * 1024)
            sys.stdout.buffer.flush()
