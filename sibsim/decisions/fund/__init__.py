"""Several contracts in one fund: shared shocks, fees, recycling, concentration, diversification."""
