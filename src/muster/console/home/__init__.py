"""Where staff start: what needs attention, and the next step."""
