"""Singer's side of a whole sync."""
