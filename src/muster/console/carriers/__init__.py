"""The pages of companies, of business rules, and of how the organization files."""
