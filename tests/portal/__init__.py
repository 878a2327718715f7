"""The producers' pages."""
