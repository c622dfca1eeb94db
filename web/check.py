"""`python -m web.check`: check the types, the format and the style of the page's scripts."""

import sys

from web.build import PROJECT_ROOT, build_outdated_pages
from web.command import run_command
from web.npm import Report, install_packages, is_installed, run_script


def check_sources(report: Report) -> None:
    """Raises WebError with what is wrong, or OSError."""
    build_outdated_pages(report)  # which installs what the scripts import
    if not is_installed(PROJECT_ROOT / "web" / "tools"):
        install_packages(PROJECT_ROOT, report, "web/tools")
    run_script(PROJECT_ROOT, "web/tools", "check", report)


if __name__ == "__main__":
    sys.exit(run_command(check_sources))
