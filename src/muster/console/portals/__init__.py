"""The staff's pages of portals: which there are, their seats, and who holds one."""
