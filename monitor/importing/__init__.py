"""History that others recorded: read from their archives, kept as versions of the past."""
