"""The sources of the web pages, and the program that builds them into chalicelib/web: `python -m web`."""
