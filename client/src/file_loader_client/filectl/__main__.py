"""`python -m file_loader_client.filectl` is `filectl`."""

import sys

from file_loader_client.filectl.program import main

if __name__ == "__main__":
    sys.exit(main())
