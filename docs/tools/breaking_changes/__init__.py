"""The report of changes that break clients of the previous version of the API."""
