"""What an announcement will look like on each network, and all that is known of it beforehand."""
