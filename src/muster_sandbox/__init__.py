"""The sandbox registry: a process that answers as the producer registry does, about made-up people."""
