"""People: users with their roles, guests by their cookie, and what each may do."""
