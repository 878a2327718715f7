"""The pages of state rules: what is known, where it comes from, and an organization's own values."""
