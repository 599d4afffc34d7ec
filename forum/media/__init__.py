"""Pictures with their words: alt text, caption, credit."""
