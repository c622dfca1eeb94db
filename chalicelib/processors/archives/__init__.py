"""Reading archives and compressed files within limits."""
