"""The project, run as it is used, against the simulated workspace and a real PostgreSQL."""
