"""Decoding pictures within limits, and thumbnails."""
