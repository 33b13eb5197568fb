"""Settings and the files that a network may change: sources, topics, the digest's plan."""
