"""The pages of agencies: the list, and adding one."""
