"""The organization's event log."""
