"""What the paper publishes: articles and standing pages, in sections, under tags, by authors, in revisions."""
