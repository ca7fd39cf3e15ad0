"""X (docs.x.com)."""
