"""Resources: the JSON forms of what the API responds with."""
