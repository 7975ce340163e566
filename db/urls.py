"""Addresses: made absolute, made comparable, made fit to show. No network, no judgement of who owns a host.

Browsers and libraries disagree on odd addresses (backslashes, control characters, user-info); those are refused here
rather than repaired, so that no two parts of the program see two different hosts.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna
from publicsuffixlist import PublicSuffixList

MAX_CHARACTERS = 2_000
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_PLAIN_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.I)
_SAFE = "%/:@!$&'()*+,;=~-._"

# Parameters that say how a reader came, never what the page is.
_TRACKING_STARTS = ("utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "at_", "_hs", "fb_", "aspsessionid")
_TRACKING = frozenset(
    """
    gclid gclsrc dclid gbraid wbraid fbclid msclkid yclid twclid ttclid li_fat_id igshid igsh srsltid mc_cid mc_eid
    mkt_tok hsctatracking vero_id oly_anon_id oly_enc_id s_cid cmpid ncid ocid smid guccounter guce_referrer
    guce_referrer_sig _ga _gl spm scm xtor wt_mc wt.mc_id __twitter_impression ref_src ref_url trk trkcampaign
    sharetype share_token isappinstalled phpsessid jsessionid sessionid session_id
    """.split()  # noqa: SIM905 (a list of seventy strings is harder to read)
)
# Parameters that are tracking only with such a value; with another one they may name the page.
_MAYBE_TRACKING = ("ref", "referrer", "source", "src", "from", "via", "campaign", "share", "medium")
_CHANNELS = frozenset(
    """
    rss feed atom twitter facebook linkedin wechat weixin weibo timeline singlemessage groupmessage newsletter email
    share social
    """.split()  # noqa: SIM905
)
_SECRET = re.compile(
    r"token|secret|passw|pwd|auth|credential|session|jwt|signature|(api|access)[_-]?key"
    r"|^(sig|key|code|sid|midsig|eid|mc_eid|trk.*|tracking_?id|lipi|lici|licu)$",
    re.I,
)


def absolute(base: str, link: str) -> str | None:
    """`link` as seen from `base`: an http(s) address of at most 2000 characters with a lower-case ASCII host, or None.

    None for every other scheme, user-info, control characters, backslashes, an impossible host or port.
    """
    link = link.strip("\t\n\f\r ")
    if len(link) > MAX_CHARACTERS or _FORBIDDEN.search(link):
        return None
    try:
        joined = urljoin(base.strip(), link.replace(" ", "%20"))
    except ValueError:
        return None
    parts = _followable(joined)
    if parts is None:
        return None
    result = urlunsplit(parts)
    return result if len(result) <= MAX_CHARACTERS else None


def canonical_url(url: str) -> str | None:
    """One spelling for all addresses of a page: no fragment, no default port, no tracking, escapes in one form.

    Other parameters stay in their order; letters of the path keep their case. None where `absolute` says None, and
    where the escaped form is longer than 2000 characters.
    """
    address = absolute("", url)
    if address is None:
        return None
    parts = urlsplit(address)
    netloc = parts.netloc.removesuffix({"http": ":80", "https": ":443"}[parts.scheme])
    path = _without_dots(_SESSION_IN_PATH.sub("", _escaped(parts.path))) or "/"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    result = urlunsplit((parts.scheme, netloc, path, _escaped(query, "?"), ""))
    return result if len(result) <= MAX_CHARACTERS else None


def host_of(url: str) -> str:
    """The host as an IDNA A-label or IP address, lower case, without port, brackets or final dot; "" for none."""
    try:
        return _ascii_host(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


def registered_domain(host: str) -> str:
    """The part of a host that somebody registered (`bbc.co.uk` of `www.bbc.co.uk`); an IP address is its own."""
    host = _ascii_host(host)
    if not host or ":" in host or host.replace(".", "").isdigit():
        return host
    return _suffixes().privatesuffix(host) or host


def public_suffix(host: str) -> str:
    """The ending under which a host was registered (`co.uk`); "" for an IP address or none."""
    host = _ascii_host(host)
    return "" if not host or ":" in host or host.replace(".", "").isdigit() else _suffixes().publicsuffix(host) or ""


def redact(url: str) -> str:
    """The address without user-info, fragment and the values of tokens and trackers: fit for logs and pages."""
    try:
        parts = urlsplit(url.strip())
        netloc = parts.netloc.rpartition("@")[2]
        query = "&".join(_redacted(pair) for pair in parts.query.split("&"))
        shown = urlunsplit((parts.scheme, netloc, parts.path, query, ""))
    except ValueError:
        return "(unreadable address)"
    return shown[:MAX_CHARACTERS]


def _followable(url: str) -> SplitResult | None:
    """The parts of an address that is safe to follow, its host in one spelling; else None."""
    try:
        parts = urlsplit(url)
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not host or port == 0:
        return None
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=netloc if port is None else f"{netloc}:{port}")


def _ascii_host(host: str) -> str:
    host = host.lower().removesuffix(".")
    if ":" in host:
        try:
            return "" if "%" in host else str(ipaddress.IPv6Address(host.strip("[]")))
        except ValueError:
            return ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
        except idna.IDNAError:
            return ""
    return host if len(host) <= 253 and _PLAIN_HOST.fullmatch(host) else ""


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[: max(1, len(kept) - 1)]
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept) + ("/" if path.endswith(("/.", "/..")) else "")


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.lower().partition("=")
    return name in _TRACKING or name.startswith(_TRACKING_STARTS) or (name in _MAYBE_TRACKING and value in _CHANNELS)


def _redacted(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}=…" if equals and value and (_SECRET.search(name) or _is_tracking(pair)) else pair


def _escaped(part: str, more: str = "") -> str:
    """Non-ASCII as UTF-8 escapes, escapes in capitals, a stray % escaped: two spellings of one path become one."""
    part = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part)
    part = re.sub(r"%[0-9A-Fa-f]{2}", lambda found: _unescaped(found[0]), part)
    return quote(part, safe=_SAFE + more)


def _unescaped(escape: str) -> str:
    ch = chr(int(escape[1:], 16))
    return ch if ch.isascii() and (ch.isalnum() or ch in "-._~") else escape.upper()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
