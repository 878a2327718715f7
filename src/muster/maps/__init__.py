"""Maps of the United States, drawn on the server."""
