"""The sprite of the map, as the site serves it."""
