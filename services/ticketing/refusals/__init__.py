"""Every "no" of ticketing, by subject: slug, HTTP status, sentence, clause."""
