"""Muster: bulk onboarding of insurance producers, in sync with the registry."""

__version__ = "0.1.0"
