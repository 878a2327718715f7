"""Appointing producers: one on a page of its own, and many from the gaps of their scorecards."""
