"""What to decide: prices that meet a target, scenarios; by re-pricing, never by new luck."""
