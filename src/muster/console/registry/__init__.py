"""The page of the registry: how the daily alerts stand, and what can be done about them."""
