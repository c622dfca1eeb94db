"""`python -m web.check`: check the types, the format and the style of the page's scripts."""

import sys

from web.build import PROJECT_ROOT, build_outdated_pages
from web.errors import WebError
from web.npm import install_packages, is_installed, run_script


def main() -> int:
    """Return the exit code: 0, or 1 with what is wrong on standard error."""
    try:
        build_outdated_pages(print)  # which installs what the scripts import
        if not is_installed(PROJECT_ROOT / "web" / "tools"):
            install_packages(PROJECT_ROOT, print, "web/tools")
        run_script(PROJECT_ROOT, "web/tools", "check", print)
    except (WebError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
