"""State: facts, regions and batches in DuckDB; how files become facts; the demonstration."""

import os

# Read once, when polars is loaded: memory that it has freed is not asked for again page by page. The system still takes
# it when it is short; an import of a million rows takes a tenth less processor time.
os.environ.setdefault("_RJEM_MALLOC_CONF", "muzzy_decay_ms:-1")
