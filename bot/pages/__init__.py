"""What a link's card says: read once from the page, and from public addresses only."""
