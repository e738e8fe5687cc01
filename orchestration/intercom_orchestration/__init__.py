"""A first load on many workers, and a schedule that carries on from it: a Dagster project."""
