"""How the crawler asks a server: guarded, polite, bounded. Knows nothing of feeds, articles or the archive."""
