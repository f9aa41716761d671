"""Pure decisions of tenancy, by subject. Frozen values and `now` in; a new value out, or a refusal raised."""
