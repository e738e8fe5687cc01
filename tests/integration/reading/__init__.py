"""reading/ over real sockets."""
