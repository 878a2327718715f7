"""Webhooks: events that programs of others are told of, and how they are told."""
