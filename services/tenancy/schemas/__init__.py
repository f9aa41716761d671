"""HTTP shapes of tenancy, by subject. Every string and list has its maximum; unknown members are refused."""
