"""RawArticle → Article → TaggedArticle. Pure functions: no clock, no network, no database."""
