"""Processors. Each is one module in `formats`, named in `registry`, with

- `describe(source, size, media_type)`, which reads as little of the seekable binary file as it can and returns a
  `ProcessorResult`: facts ready for JSON, and perhaps a thumbnail. `media_type` is the detected type. It raises
  BadContentError if the content is bad; any other exception counts as that, too.
- `describe_fallback`, with the same parameters, if the registry says so.
- `LIMIT`, the bytes that it may read of a file that is too large to be read whole.
- `UNREADABLE`, the error kind of any unforeseen exception.

docs/how-to/add-a-processor.md shows how to add one. Processors don't import each other.
"""
