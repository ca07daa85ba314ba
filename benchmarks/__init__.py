"""What is fast, measured as a ratio to a hand-written reference in one run."""

import data  # noqa: F401  (what it asks of the memory has to be said before polars is loaded)
