"""What the memo and the page say, as data: one document in one language, for both formats."""
