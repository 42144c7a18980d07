"""The room of published contracts: their terms, their reports, and what was published as paid."""
