"""Delivery: one suite of sentences, held on both buses."""
