"""`python -m filectl` is `filectl`."""

import sys

from filectl.program import main

if __name__ == "__main__":
    sys.exit(main())
