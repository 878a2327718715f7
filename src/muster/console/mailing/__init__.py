"""Mailings and their templates, and the page on which a producer opts out."""
