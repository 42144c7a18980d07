"""What it is worth to know more before deciding, on draws or of a case."""
