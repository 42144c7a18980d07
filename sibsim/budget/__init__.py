"""Who saves: what a change in people's lives gains and costs each public budget, year by year."""
