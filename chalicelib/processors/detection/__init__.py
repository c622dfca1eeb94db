"""Detection of a file's media type from its content."""
