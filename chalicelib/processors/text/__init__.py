"""Text of unknown encoding and structure."""
