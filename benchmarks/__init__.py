"""What is fast, measured as a ratio to a hand-written reference in one run."""
