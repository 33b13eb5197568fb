"""The store: one small SQL schema in a SQLite file or in PostgreSQL, behind the ports of ``digests`` and ``bot``."""
