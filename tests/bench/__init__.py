"""Speed and memory of the whole crawl against a plain script, as ratios within one run. See `__main__`."""
