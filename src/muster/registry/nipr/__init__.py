"""NIPR's Producer Database: its two report services and the XML they answer in."""
