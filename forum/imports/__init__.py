"""Moving in: exports of other systems are read as records, and the records become articles, comments and pictures here."""
