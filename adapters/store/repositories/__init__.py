"""The repositories: each fulfils one port, on one transaction."""
