"""Mailings: templates of texts, and mail to many producers at once."""
