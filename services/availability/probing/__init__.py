"""The prober of one place: it runs scripts on time, tells what it found, and knows when it could not tell.

`schedule` says when, `runner` runs a script over `network`, `control` watches the prober itself, `reporting`
keeps what was found until a `desk` has taken it, and `prober` is the whole of it.
"""
