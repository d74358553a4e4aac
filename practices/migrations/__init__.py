"""Alembic migrations of the good-practice database."""
