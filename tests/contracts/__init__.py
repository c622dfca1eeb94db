"""One class of tests for each port, run against the fake and the real adapter alike."""
