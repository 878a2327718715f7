"""The pages of actions on many things: confirm, follow, see what became of each."""
