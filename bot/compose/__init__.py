"""From an announcement to the text that a network will show: pure, and knowing no network by name."""
