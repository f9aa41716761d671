"""What can happen in ticketing, by subject: load and lock, decide, save, emit."""
