"""The command `filectl`, on top of the client."""
