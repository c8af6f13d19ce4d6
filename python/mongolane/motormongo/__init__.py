"""motormongo."""
