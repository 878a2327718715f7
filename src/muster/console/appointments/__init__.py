"""The list of appointments."""
