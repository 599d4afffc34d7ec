"""The question of the day: polls, their choices, and one vote per voter."""
