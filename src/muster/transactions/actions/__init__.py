"""What people do with transactions and batches, one or many at a time: kinds of the bulk kernel."""
