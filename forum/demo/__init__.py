"""The demonstration newsroom: invented people, articles, discussions, polls and pictures for an empty site."""
