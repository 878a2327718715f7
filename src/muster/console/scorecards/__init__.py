"""The list of scorecards, and the next step of a gap."""
