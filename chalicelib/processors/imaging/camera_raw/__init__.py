"""Readers of camera raw files: their facts, and where the previews are that the camera put into them."""
