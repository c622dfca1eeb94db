"""Read the headers of uncompressed sound, whose duration follows from the file's size."""
