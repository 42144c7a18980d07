"""What an answer hangs on: scenarios, tornado, grids and switching values, on the same luck."""
