"""Applications that show mongolane at work."""
