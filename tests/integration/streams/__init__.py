"""Each stream, read whole from the simulated workspace."""
