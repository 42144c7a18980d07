"""The room of evaluation designs: what the evaluator reports and how wrong it can be.

An open family: one file per design, each with a class `Model`; others register their designs in
the entry-point group `sibsim.evaluation`.
"""

MEMBERS = (
    "verification",
    "historical_baseline",
    "before_after",
    "randomised",
    "cluster_randomised",
    "stepped_wedge",
    "matched_comparison",
    "difference_in_differences",
    "regression_discontinuity",
    "interrupted_time_series",
    "synthetic_control",
    "combined",
)
"""Names of the designs that ship."""
