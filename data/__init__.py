"""State: facts, regions and batches in DuckDB; how files become facts; the demonstration."""
