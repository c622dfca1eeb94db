"""One file a kind. Each is a module with

- `describe(source, size)`, which reads as little of the seekable binary file as it can and returns `Described`:
  facts ready for JSON, and perhaps a thumbnail. It raises BadContentError where the content itself is at fault;
  whatever else it raises is taken for that.
- `LIMIT`, the bytes that it may read of a file that is too large to be read whole.
- `UNREADABLE`, the kind of error that anything unforeseen ends in.

To add a kind, add its file and one line in registry.py, which also holds its version
(docs/how-to/add-a-processor.md). The other packages hold what
several need; processors don't know each other.
"""
