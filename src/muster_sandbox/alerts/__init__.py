"""The alerts service: subscriptions, those they watch, and a report a weekday of those who changed."""
