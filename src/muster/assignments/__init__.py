"""What each producer is meant to sell."""
