"""The streams, one module per family."""
