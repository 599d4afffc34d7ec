"""Faults that readers see: sent to the desk from under an article, settled there with an answer, and marked on the article."""
