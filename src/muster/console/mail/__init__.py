"""The outbox as its organization's admins see it."""
