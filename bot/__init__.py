"""Pavois publishes the announcements of a hashtag campaign and reports what was seen."""
