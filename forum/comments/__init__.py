"""The conversation: discussions as lists in tree order, their comments, and the checks that a new one passes."""
