"""The list of licenses."""
