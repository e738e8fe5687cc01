"""The sandbox's own tests: over real HTTP, as what it simulates is asked."""
