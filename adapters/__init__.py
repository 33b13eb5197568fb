"""The only code that touches the world: feeds, chat platforms, the database, the web."""
