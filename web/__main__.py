"""`python -m web`: build the web pages, unless they are up to date."""

import sys

from web.build import build_outdated_pages
from web.command import run_command

if __name__ == "__main__":
    sys.exit(run_command(build_outdated_pages))
