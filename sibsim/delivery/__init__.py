"""The room that says who comes and stays, and what it costs to serve them."""
