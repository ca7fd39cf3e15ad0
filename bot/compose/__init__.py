"""From an announcement to the text that a network will show: pure, knowing no network by name."""
