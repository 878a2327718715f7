"""What might end before it is renewed."""
