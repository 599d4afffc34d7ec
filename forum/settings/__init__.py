"""The site's own settings: what its editors may change without the operator."""
