"""BSON to values and back, by a plan."""
