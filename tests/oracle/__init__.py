"""A second, naive scoring engine, written from the contract alone: what the real one is compared with."""
