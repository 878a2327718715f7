"""What can be asked of the records: lists and reports, kept as views and saved reports, and exported."""
