"""One file a kind. Each is a module with

- `VERSION`, an integer that grows when its results change, and
- `describe(source, size)`, which reads as little of the seekable binary file as it can and returns JSON-ready
  facts, or raises BadContentError where the content itself is at fault.

To add a kind, add its file and one line in registry.py.
"""
