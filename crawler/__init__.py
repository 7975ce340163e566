"""The web → RawArticle. Knows sources and fetching; knows nothing of tags, stories or mail."""
