"""The pages of producers: the list, one producer, resync, and opening an SSN."""
