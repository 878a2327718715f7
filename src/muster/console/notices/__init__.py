"""Notices: the bell of every page, and what it has rung for."""
