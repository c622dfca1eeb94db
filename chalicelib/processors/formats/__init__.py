"""One module for each kind of file. See `chalicelib.processors` for what a module has to contain."""
