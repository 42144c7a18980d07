"""The room of outcome models: what happens without and with the intervention.

An open family: one file per model, each with a class `Model`; others register their models in the
entry-point group `sibsim.outcomes`.
"""

MEMBERS = (
    "binary",
    "count",
    "days",
    "score",
    "threshold",
    "states",
    "in_states",
    "time_in_states",
    "sustained",
)
"""Names of the models that ship."""
