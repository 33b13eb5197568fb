"""Teams: what people say there becomes an Ask, and what Convenor says becomes cards."""
