"""The demo: a workspace loaded into DuckDB through Meltano, and a first look at it."""
