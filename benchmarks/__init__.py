"""Measurements against the sandbox, on one machine: `python -m benchmarks`. See docs/speed.md."""
