"""What can happen in availability, by subject: load and lock, decide, save, emit."""
