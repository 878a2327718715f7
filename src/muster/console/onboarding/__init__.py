"""Pages on which one producer is onboarded."""
