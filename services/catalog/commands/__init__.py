"""One function per thing that can happen in the catalogue: load and lock, decide, save, emit last."""
