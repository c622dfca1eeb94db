"""Requests to calls, and results and errors to answers. With app.py the only place that knows Chalice."""
