"""The whole tap, as a command or against a workspace for long: what `make check` skips."""
