"""State rules: how a state appoints, charges, ends and renews, each value dated and cited."""
