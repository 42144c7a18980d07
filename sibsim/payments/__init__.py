"""Payments: what a contract owes, line by line, after every limit.

One payment model per file; `limits` cuts what is above a limit, `standing` says how far the
contract goes, `settlement` joins them.
"""

MEMBERS = ("rate_card", "linear_band")
"""Names of the payment models that ship, each a module of this package that holds `Model`."""
