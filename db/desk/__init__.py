"""The desk: the archive in a browser, through Datasette. Reads `db` alone; writes nothing, decides nothing."""
