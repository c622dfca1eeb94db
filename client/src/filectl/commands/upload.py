"""`filectl upload`."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import click

from filectl.errors import UsageError, describe_error
from filectl.file_upload import Description, FileUploader
from filectl.invocation import Invocation, common_options
from filectl.metadata import parse_metadata
from filectl.sources import STANDARD_INPUT, Source, find_sources
from filectl.upload_run import UploadRun
from filectl.upload_states import UploadStates, default_folder


@click.command
@click.argument("paths", metavar="FILE|DIR|-…", nargs=-1, required=True)
@click.option("--name", metavar="NAME", help="The name to store. Needed for - and other streams.")
@click.option("--type", metavar="TYPE", help="The media type to declare, such as image/png.")
@click.option("--metadata", metavar="KEY=VALUE", multiple=True, help="Stored with each file. Can be repeated.")
@click.option(
    "--path/--no-path",
    "has_path",
    default=True,
    show_default=True,
    help="Store the path of a file of DIR as its metadata path.",
)
@click.option("--wait", is_flag=True, help="Wait until the files are processed.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="With --wait: how long to wait for each file. By default until it ends.",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 32),
    default=4,
    show_default=True,
    help="How many connections send bytes at once.",
)
@click.option(
    "--resume/--no-resume",
    "is_resumed",
    default=True,
    show_default=True,
    help="Continue an interrupted upload of the same file.",
)
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
@common_options
@click.pass_obj
def upload(
    invocation: Invocation,
    paths: tuple[str, ...],
    name: str | None,
    type: str | None,
    metadata: tuple[str, ...],
    has_path: bool,
    wait: bool,
    timeout: float | None,
    parallel: int,
    is_resumed: bool,
    quiet: bool,
) -> None:
    """Upload files, all files in folders, or standard input (-).

    After Ctrl-C or a crash, the same command continues: it sends no file and no part that is already there. Every
    file is verified.

    \b
    For each file that is stored, with --wait for each that is processed, a
    line is printed with tabs between: id, status, size in bytes, path.
    With --json, the file as the service has it.

    Hidden files of a folder are uploaded as well. Links to files are followed, links to folders are not.
    """
    if timeout is not None and not wait:
        raise UsageError("--timeout needs --wait.")
    description = Description(name, type, parse_metadata(metadata), has_path)
    connection = invocation.find_connection()
    sources = _find(invocation, paths)
    _check_names(paths, sources, name)
    states = UploadStates(default_folder())
    states.remove_old()
    with invocation.connect(connection) as client:
        uploader = FileUploader(client, connection.url, invocation.owner, description, states, is_resumed, Event())
        run = UploadRun(uploader, invocation.output, sources)
        run.upload(parallel, is_quiet=quiet, is_reported=not wait)
        if wait:
            run.wait(timeout, is_quiet=quiet)
        run.end()


def _find(invocation: Invocation, paths: Sequence[str]) -> list[Source]:
    """Return the files to upload. What can't be read is reported; the others are uploaded."""

    def fail(error: OSError) -> None:
        problem = describe_error(error)
        assert problem is not None
        invocation.output.report(problem)

    found = find_sources(paths, invocation.output.warn, fail)
    once: dict[Path, Source] = {}
    for source in found:
        once.setdefault(source.path.absolute(), source)
    return list(once.values())


def _check_names(paths: Sequence[str], sources: Sequence[Source], name: str | None) -> None:
    """Raise UsageError if files would get the same name, or none."""
    if paths.count(STANDARD_INPUT) > 1:
        raise UsageError("Standard input can be read only once.")
    if name is not None and len(sources) > 1:
        raise UsageError(f"--name is for one file, and these are {len(sources)}.")
    streams = [source for source in sources if source.size is None]
    if streams and not name:
        raise UsageError(f"{streams[0].label} has no name: give --name.")
