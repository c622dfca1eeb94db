"""docs/reference/api.md, made from the API's description."""
