"""Payments: what a contract owes, line by line, after every limit.

One payment model per file; `limits` cuts what is above a limit, `standing` says how far the
contract goes, `settlement` joins them.
"""

MEMBERS = (
    "rate_card",
    "linear_band",
    "step_table",
    "interpolated_table",
    "cliff",
    "coupon",
    "terminal_bullet",
    "two_sided",
    "frequency",
    "milestone",
    "sustained",
    "progression",
    "days_avoided",
    "volume_tiered",
    "mix_cap",
    "fixed",
    "savings_share",
    "minimum_referrals",
)
"""Names of the payment models that ship, each a module of this package that holds `Model`."""
