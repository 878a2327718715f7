"""Companies, the states in which they appoint, and the lines that the organization sells."""
