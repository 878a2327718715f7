"""The bulk kernel: operations, their items and findings."""
