"""Contract search: trade-offs between what the parties want, over several terms of a contract."""
