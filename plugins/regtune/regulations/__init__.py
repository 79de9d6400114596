"""Which revision of each regulation is in force on a date."""
