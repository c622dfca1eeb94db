"""The API's description: an OpenAPI 3.1 document, built from the operations that the routes declare.

https://spec.openapis.org/oas/v3.1.1.html
"""
