"""api/ over real sockets."""
