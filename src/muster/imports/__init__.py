"""Upload types: columns, checks and writes."""
