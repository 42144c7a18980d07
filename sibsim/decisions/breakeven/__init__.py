"""What must be true for a case to break even, one driver at a time, and by which year it does."""
