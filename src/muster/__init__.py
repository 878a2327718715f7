"""Muster: bulk onboarding, appointing and syncing of insurance producers."""
