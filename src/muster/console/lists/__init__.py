"""What all lists have in common: their addresses, the filters that are on, their order, their pages."""
