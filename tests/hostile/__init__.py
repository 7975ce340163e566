"""A world that misbehaves, on loopback: servers that lie, drip, flood and refuse, and a crawl to meet them."""
