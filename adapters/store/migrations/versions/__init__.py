"""Alembic's migrations: one file for each step from an empty database to the present tables."""
