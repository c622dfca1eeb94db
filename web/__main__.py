"""`python -m web`: build the web pages, unless they are up to date."""

import sys

from web.build import build_outdated_pages
from web.errors import WebError


def main() -> int:
    """Build what is out of date and return the exit code: 0, 1 for an error, 130 after Ctrl-C."""
    try:
        build_outdated_pages(_print)
    except (WebError, OSError) as error:  # OSError: such as a checkout that can't be written, or a full disk
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _print(line: str) -> None:
    # Flushed, because downloading Node.js takes a while.
    print(line, flush=True)  # noqa: T201  # a command line program


if __name__ == "__main__":
    sys.exit(main())
