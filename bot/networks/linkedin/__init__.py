"""LinkedIn (learn.microsoft.com, marketing)."""
