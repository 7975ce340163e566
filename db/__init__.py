"""The vocabulary (types, errors) and the memory (schema, reads, writes) of Masthead, and the desk that shows it."""
