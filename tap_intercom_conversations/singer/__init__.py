"""Singer's side: the command line, its files, STATE, the messages on stdout."""
