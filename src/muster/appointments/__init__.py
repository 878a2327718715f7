"""Companies' registrations of producers with states."""
