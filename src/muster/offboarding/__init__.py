"""Offboarding producers: at once, or when their appointments have ended; and taking them up again."""
