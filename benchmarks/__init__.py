"""What README's figures come from: `python -m benchmarks`, against the sandbox on one machine."""
