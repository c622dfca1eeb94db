"""Where the emulator keeps its data unless another directory is chosen."""

from pathlib import Path

from platformdirs import user_data_dir

from emulator.errors import EmulatorError


def default_data_directory() -> Path | None:
    """Return the user's data directory; None if there is none, as for a user id without a home directory."""
    try:
        return Path(user_data_dir("file-loader"))
    except RuntimeError:
        return None


def require_data_directory(chosen: Path | None) -> Path:
    """Return the chosen directory. Raises EmulatorError if there is none."""
    if chosen is None:
        raise EmulatorError("this user has no home directory; set HOME, or choose a directory with --data-dir")
    return chosen
