"""Transactions: filings from their verdict to the registry's answer, each filed exactly once."""
