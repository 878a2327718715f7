"""Lists of a million rows: paging by key, for any model."""
