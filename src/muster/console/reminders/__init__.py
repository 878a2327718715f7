"""The pages of reminders: the list of licenses that expire soon, and what the organization chose."""
