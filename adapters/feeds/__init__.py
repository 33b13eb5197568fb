"""Reads feeds: over HTTP or from bundled samples, and always through the same parser."""
