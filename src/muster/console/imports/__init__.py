"""Uploads: choose a type, fill its template, check, process, mend."""
