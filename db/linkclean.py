"""Links that came by mail or by hand, without anything that tells to whom: the one door before they are kept.

Crawled links need it only where they lead to LinkedIn; `db.urls.canonical_url` is enough for the rest. No network:
a shortened or counted link is never opened to see where it leads.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from db.linkedin import is_linkedin, page_address
from db.urls import absolute, canonical_url, host_of

# Hosts whose links carry the real address in a parameter.
_WRAPPED = (
    (re.compile(r"(www\.)?google(\.[a-z]{2,3}){1,2}"), "/url", ("url", "q")),
    (re.compile(r"(?<![a-z])(?:[a-z]+\.)?linkedin\.com"), "/redir/", ("url",)),
    (re.compile(r"(?<![a-z])(?:[a-z]+\.)?linkedin\.com"), "/safety/go", ("url",)),
    (re.compile(r"lm?\.facebook\.com"), "/l.php", ("u",)),
    (re.compile(r"(?<![a-z0-9])[a-z0-9]+\.safelinks\.protection\.outlook\.com"), "/", ("url",)),
)
# Or at the end of their path, in base64: "aHR0c" is "http".
_CODED = re.compile(r".*/(aHR0c[A-Za-z0-9_-]+)=*/?")
_UNWRAPPED_AT_MOST = 3
# Services that count clicks: the whole link is the reader's, and where it leads is known to them alone.
_COUNTER = re.compile(
    r"""(?:[a-z0-9-]+\.)*list-manage\.com/(?:track|unsubscribe|profile|vcard|about)|substack\.com/redirect/
    |email\.[a-z0-9-]+\.substack\.com/|(?:[a-z0-9-]+\.)*substack\.com/(?:action/|app-link/)
    |(?:[a-z0-9-]+\.)*(?:ct\.sendgrid\.net|beehiiv\.com|mailgun\.org|hubspotlinks\.com|hubspotemail\.net)/(?:ls|ss|c|e\d)/
    |[a-z0-9.-]+/(?:ls|ss)/(?:click|c)/|(?:[a-z0-9-]+\.)*convertkit-mail\d?\.com/|click\.[a-z0-9.-]+/""",
    re.VERBOSE,
)
_PERSONAL = re.compile(
    r"""mid(?:token|sig)|otptoken|[eu]id|e|r|trk.*|tracking.?id|li(?:pi|ci|cu)|refid|mc_[ce]id|mkt_tok|_hs.*|utm_.*
    |.*token.*|.*secret.*|passw.*|pwd|auth(?!or).*|session.*|jwt|sig|signature|.*(?:api|access).?key
    |e-?mail.*|subscriber.*|recipient.*|user.?(?:id|name)?|member.?id|contact.?(?:id|key)|is_?freemail|triedredirect
    |_bhlid|ck_subscriber_id|vero_.*|__s|inf_contact_key|attribution_.*|uuid""",
    re.VERBOSE | re.IGNORECASE,
)
_MAIL_ADDRESS = re.compile(r"[\w.+-]@[\w-]+\.")
_OPAQUE = re.compile(
    r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_~.=-]{32,}"
)  # long, letters and digits: a token
_BETWEEN = re.compile("[&;?]")
_BEFORE_NAME = re.compile(r"^\W+")  # what careless writing leaves before a name
_LINK_IN_TEXT = re.compile(r"https?://[^\s<>\"'「」『』（）()，。；、]+", re.IGNORECASE)
_PAGE_NAMES = frozenset({"id", "p", "v", "article", "story", "doc", "docid", "page"})  # may hold a long id all the same


def clean_link(url: str) -> str | None:
    """The address of the page alone, fit to be stored, logged and shown; None where there is none to keep.

    What wraps another address gives that one. A page of LinkedIn loses its whole query; of others goes every parameter
    that tells how or to whom the link came, by its name or by holding a mail address or a token.
    """
    address = _unwrapped(url)
    page = address and canonical_url(address)
    if not page:
        return None
    if is_linkedin(host_of(page)):
        return page_address(page)
    parts = urlsplit(page)
    path = unquote(parts.path)
    if _COUNTER.match(f"{parts.hostname}{parts.path}") or _MAIL_ADDRESS.search(path) or _holds_personal(path):
        return None
    kept = "&".join(pair for pair in parts.query.replace("&amp;", "&").split("&") if pair and not _is_personal(pair))
    return urlunsplit(parts._replace(query=kept))


def _unwrapped(url: str) -> str | None:
    address = absolute("", url)
    for _ in range(_UNWRAPPED_AT_MOST):
        inner = _inside(address) if address else None
        if inner is None:
            return address
        address = absolute("", inner)
    return None  # wrapped more often than any honest link is


def _inside(address: str) -> str | None:
    """What a wrapper's address leads to, "" if it does not say; None if it is no wrapper."""
    host, parts = host_of(address), urlsplit(address)
    for known, path, names in _WRAPPED:
        if known.fullmatch(host) and parts.path.startswith(path):
            values = dict(parse_qsl(parts.query))
            return next((values[name] for name in names if name in values), "")
    if coded := _CODED.fullmatch(parts.path):
        code = coded[1]
        return urlsafe_b64decode(code[: len(code) - (len(code) % 4 == 1)] + "==").decode("utf-8", "replace")
    return None


def _is_personal(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = _BEFORE_NAME.sub("", unquote(name), 1), unquote(value)
    if name.lower() == "ref" and "newsletter" in value.lower():
        return True
    if _PERSONAL.fullmatch(name) or _MAIL_ADDRESS.search(value) or _holds_personal(f"{name}={value}"):
        return True
    return name.lower() not in _PAGE_NAMES and _OPAQUE.fullmatch(value) is not None


def _holds_personal(text: str) -> bool:
    """Whether an address inside a value or a path carries what this one must not."""
    return any(_is_personal(pair) for pair in _BETWEEN.split(text)[1:] if "=" in pair)


def without_tokens(text: str) -> str:
    """A text whose links are all clean; those that can not be kept are cut out."""
    return _LINK_IN_TEXT.sub(lambda found: clean_link(found[0]) or "…", text)
