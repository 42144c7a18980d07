"""The ground floor: types, time, randomness, prices and cash flows, known to every room."""
