"""Through Meltano and real targets into files and databases, and what is in them afterwards."""
