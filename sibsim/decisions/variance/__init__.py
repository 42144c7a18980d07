"""What the variance of a metric comes from: layer by layer, and quantity by quantity."""
