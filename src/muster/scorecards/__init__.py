"""How far producers are from being ready for what they are meant to sell, and how their appointments fare."""
