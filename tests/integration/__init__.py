"""What starts a server or a process, or reads a whole sync: what `make check` leaves out."""
