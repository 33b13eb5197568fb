"""Every sentence of the introduction journey, by who reads it."""
