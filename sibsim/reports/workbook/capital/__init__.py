"""The capital of a case as formulas: drawings, the waterfall, guarantees, returns."""
