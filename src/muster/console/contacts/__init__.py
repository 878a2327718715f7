"""The pages of contacts: producers seen as people, those viewed recently first."""
