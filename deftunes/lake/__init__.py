"""The lake as a reader sees it: the catalog, DuckDB's questions, the state of the tables."""
