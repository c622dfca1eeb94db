"""Readers of structures that several formats share: ISO media boxes, EBML, TIFF directories, OLE, ID3."""
