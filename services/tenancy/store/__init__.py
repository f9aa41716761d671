"""All SQL of tenancy, by subject. Every statement names the customer first; row-level security stands behind.

`load_` must find, `find_` may not, `list_` gives rows, `save_` and `insert_` write.
"""
