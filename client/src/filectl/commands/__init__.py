"""The commands of `filectl`, one module each."""
