"""A workbook that recomputes the base case of a case with its own formulas."""
