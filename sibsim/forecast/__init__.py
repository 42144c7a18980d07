"""From the plan to the re-forecast: what has really happened, and what it says of the rest."""
