"""Measure what is detected against files whose type and encoding are known."""
