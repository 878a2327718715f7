"""What lists and reports are about: one module a subject."""
