"""Read-only file objects: objects in the storage, and wrappers that limit reading. All extend `reader.Reader`."""
