"""Prototype, then scale: what a right to stop after the first cohort is worth, and to whom."""
