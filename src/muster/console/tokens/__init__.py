"""API tokens: which programs act as whom."""
