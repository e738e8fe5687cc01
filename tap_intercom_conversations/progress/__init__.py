"""How far a sync is: counted by its streams, shown while it runs, told at its end."""
