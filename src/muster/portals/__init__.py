"""Portals: where producers see their own licenses, the seats there, and the invitations to them."""
