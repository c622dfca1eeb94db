"""Readers of uncompressed audio, whose duration follows from the file's size."""
