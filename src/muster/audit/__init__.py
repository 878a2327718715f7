"""The append-only record of what people and jobs did."""
