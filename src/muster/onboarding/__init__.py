"""Onboarding producers: drafts from the first identification to Finish, one by one and by the thousand."""
