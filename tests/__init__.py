"""The tests: one module per module of the tap, no network, nothing random."""
