"""The REST API: what programs do, by the same code as pages and commands (docs/reference/api.md)."""
