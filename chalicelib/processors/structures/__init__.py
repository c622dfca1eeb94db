"""Readers of structures that several formats share: ISO media boxes, EBML elements, TIFF directories, OLE."""
