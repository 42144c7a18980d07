"""Ways of paying for the same service, compared on the same luck."""
