"""Run a processor within limits: `runner` in this process, `parent` and `child` in a process of its own."""
