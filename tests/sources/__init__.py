"""Facts about the project's code that are computed from its sources, for the tests of its architecture."""
