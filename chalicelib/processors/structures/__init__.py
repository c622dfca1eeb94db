"""Read the structures that formats of several kinds are built from: boxes, directories, elements."""
