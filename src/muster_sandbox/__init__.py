"""The sandbox registry: a process of its own that answers as the producer registry does, about people it makes up."""
