"""Daemons in processes of their own that are killed where it hurts, and the networks' own truth."""
