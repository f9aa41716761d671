"""Every "no" of availability, by subject: slug, HTTP status, sentence, clause."""
