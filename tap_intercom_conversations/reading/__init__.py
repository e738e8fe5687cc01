"""Which objects of a collection changed between two moments, in order."""
