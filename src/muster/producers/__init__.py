"""Agencies and the producers that belong to them."""
