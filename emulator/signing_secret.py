"""The secret with which the routes sign upload tokens: made once, so that tokens survive a restart."""

import os
import secrets
from pathlib import Path

FILE_NAME = "upload-token-secret"


def load_secret(directory: Path) -> str:
    """Return the secret of a data directory, which is made if there is none. Only its user can read the file."""
    path = directory / FILE_NAME
    if not path.exists():
        unfinished = path.with_suffix(".new")  # a full disk, or a crash, leaves no half of a secret
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        unfinished.rename(path)
    return path.read_text()
