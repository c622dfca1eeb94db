"""Small programs that do the same as this service, each with its own packages (requirements-*.txt)."""
