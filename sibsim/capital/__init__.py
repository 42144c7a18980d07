"""Who finances the costs, who is repaid in which order, and what the investors earn."""
