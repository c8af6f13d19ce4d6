"""Measurements: one question a file, each runnable alone."""
