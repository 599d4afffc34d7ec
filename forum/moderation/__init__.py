"""Acts of power over comments, each with its reason, its moderator and its moment."""
