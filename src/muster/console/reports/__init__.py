"""Reports: those that there are, building one, and what can be done with its rows."""
