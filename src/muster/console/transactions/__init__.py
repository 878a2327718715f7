"""The pages of transactions and batches."""
