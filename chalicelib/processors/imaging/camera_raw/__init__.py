"""Read the raw files of cameras: their facts, and where the previews are that the camera put into them."""
