"""Verification: a bundle recomputed from what it holds, and every way in which it could be wrong told apart."""
