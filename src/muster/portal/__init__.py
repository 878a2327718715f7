"""The producers' pages: what a producer sees and keeps of themselves, on a phone first."""
