"""The filing gateway: filings by key, each filed once, decided a moment later and told in the report."""
