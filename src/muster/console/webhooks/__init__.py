"""Webhooks: where they go, what became of each, and sending them again."""
