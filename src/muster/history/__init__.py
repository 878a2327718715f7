"""What records used to say: every change with its old and new value, time, source and operation."""
