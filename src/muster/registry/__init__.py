"""Keeping producers in sync with the registry."""
