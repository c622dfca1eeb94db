"""The HTTP API: blueprints of routes, and how they parse requests and build responses.

Only this package and app.py import Chalice.
"""
