"""Published networks, and readers of their files."""
