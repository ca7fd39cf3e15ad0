"""The store: SQLAlchemy Core over SQLite; values in and out, one method one transaction."""
