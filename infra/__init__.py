"""Deployment of the service to AWS or LocalStack. Nothing in this package is deployed itself."""
