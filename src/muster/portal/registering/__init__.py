"""Registering: from the link in the invitation to a place in the portal."""
