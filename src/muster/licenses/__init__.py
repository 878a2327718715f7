"""Licenses and lines of authority, as the registry tells them."""
