"""The zip that Lambda gets."""
