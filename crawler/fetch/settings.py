"""Every Scrapy setting we override, with its reason. What is not named here is Scrapy's own default.

Scrapy brings the downloader (slots, pool, HTTP/1.1, TLS); deciding is ours (fetcher.py), so its middlewares that
decide for themselves are off: they know neither our guard, nor our memory, nor our codes.
"""

from __future__ import annotations

from typing import Any

import scrapy

from crawler.fetch.handler import MAX_BODY_BYTES

SCRAPY_FLOOR = (2, 19)  # older ones verify no certificates, and 2.14.1 and before run code named in a header
MAX_MEMORY_MEGABYTES = 1024
REQUESTS_PER_PLACE = 8  # without a delay between requests; with one it is one at a time


def check_scrapy() -> None:
    """Raise RuntimeError under a Scrapy that is older than what these settings were written for."""
    if tuple(scrapy.version_info[:2]) < SCRAPY_FLOOR:
        raise RuntimeError(f"Scrapy {scrapy.__version__} is too old: {SCRAPY_FLOOR[0]}.{SCRAPY_FLOOR[1]} or newer")


def scrapy_settings(request_seconds: float) -> dict[str, Any]:
    """Settings for one run."""
    return {
        # --- one handler, ours; nothing that reads files, mails or buckets, even if a link says so
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.fetch.handler.GuardedHandler",
            "https": "crawler.fetch.handler.GuardedHandler",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        # --- off: each of these acts on its own judgement
        "DOWNLOADER_MIDDLEWARES_BASE": {},  # redirects to private hosts, cookies, robots 5xx = allow, env proxies …
        "SPIDER_MIDDLEWARES_BASE": {},  # no callbacks here, so no referer, depth or status filters
        "COOKIES_ENABLED": False,  # nobody needs to know us again
        "HTTPPROXY_ENABLED": False,  # a proxy is named in the configuration, never taken from the environment
        "REFERER_ENABLED": False,  # whence we come is nobody's business
        "REDIRECT_ENABLED": False,  # ours: five, guarded, no other publisher
        "METAREFRESH_ENABLED": False,  # a page must not send us anywhere
        "RETRY_ENABLED": False,  # ours: by code
        "ROBOTSTXT_OBEY": False,  # obeyed by us, as RFC 9309 wants it; Scrapy's takes a 5xx for "allow"
        "COMPRESSION_ENABLED": False,  # ours: bounded, and strict about what ends early
        # --- off: doors into the process
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,  # on by default, runs code that is posted to it
        "EXTENSIONS_BASE": {"scrapy.extensions.memusage.MemoryUsage": 0},
        # --- bounds
        "DOWNLOAD_TIMEOUT": request_seconds,  # the whole request, body included
        "DOWNLOAD_MAXSIZE": MAX_BODY_BYTES,  # each request names its source's; Scrapy's own is 1 GiB
        "DOWNLOAD_WARNSIZE": 0,  # a warning would put the address into the log as it is, secrets included
        "DOWNLOAD_FAIL_ON_DATALOSS": True,  # half an answer is none
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # our handler has its own policy; this is for any other
        "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",
        "MEMUSAGE_ENABLED": True,  # the last resort, should a bound above fail: the run ends, not the machine
        "MEMUSAGE_LIMIT_MB": MAX_MEMORY_MEGABYTES,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 5,
        "REACTOR_THREADPOOL_MAXSIZE": 32,  # name look-ups block a thread each; a dead resolver must not stop the others
        # --- politeness; the delay of each place is set when it is first asked (lookout.py)
        "CONCURRENT_REQUESTS": 0,  # bounded by the lookout: the engine's own bound does not hold for download_async
        "CONCURRENT_REQUESTS_PER_DOMAIN": REQUESTS_PER_PLACE,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,  # a crawl delay is a promise: never shorter
        # --- speed
        "DOWNLOADER_STATS": False,
        "STATS_DUMP": False,  # the report of a run is ours
        "LOG_ENABLED": False,  # our log speaks of sources; Scrapy's of requests, with their addresses unredacted
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
