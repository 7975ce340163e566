"""`masthead init`: a folder with a commented configuration and places for own sources and words. Never overwrites."""

from __future__ import annotations

from pathlib import Path

import click

from db.errors import UsageError

_CONFIG = """\
# Masthead: the configuration of one team. Every key is optional; what stands here are the defaults.
# Relative paths start from this file's folder.

[archive]
db = "masthead.db"                     # what was found; make backups of this file

[catalogue]
builtin = true                         # use the sources that come with Masthead
folders = ["sources"]                  # and yours; a source with the same id replaces a built-in one
people = []                            # folders with people of yours, whose channels your sources name

[lexicon]
folders = ["lexicon"]                  # your companies and cues, on top of those that come with Masthead

[crawler]
contact = ""                           # your e-mail or page; publishers see it in the user agent
delay_seconds = 1.0                    # between two requests to one host
fetch_articles = true                  # read the articles' own pages where a source allows it
proxy = ""                             # "http://host:port", if your network needs one
ca_file = ""                           # an additional certificate authority (PEM), if your network has one

[team]
platforms = ["amazon", "tiktok", "temu", "shein"]
regions = ["US", "EU"]
role = "third_party_sellers"
zone = "Asia/Shanghai"                 # the day begins and ends here
language = "zh"                        # of the desk: zh or en

[desk]
host = "127.0.0.1"                     # any other address needs a password: see docs/operate.md
port = 8001
url = ""                               # how your readers reach the desk, for links in mails: "https://desk.example.com"

[schedule]                             # of `masthead run`, in the team's zone
crawl = "07:00"                        # the daily full pass
edition = "08:30"                      # the morning mail, in each recipient's own zone
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
weekly = "mon"                         # the day of the weekly edition
rhythm_minutes = 60                    # sources that are due by their own rhythm are asked this often; 0: never
backup = ""                            # a folder: a backup after each daily crawl
backup_keep = 14                       # so many of them stay
ping = ""                              # an address asked after each good daily crawl, such as a dead man's switch

[mail]
host = ""                              # your server, such as "smtp.example.com"; empty: no mail is sent
port = 587
security = "starttls"                  # or tls (mostly port 465); none only for a server on this machine
user = ""                              # its password: MASTHEAD_MAIL_PASSWORD or MASTHEAD_MAIL_PASSWORD_FILE
sender = ""                            # such as "Masthead <desk@example.com>"
bounces = ""                           # an address for mail that comes back, or "<>" for none; empty: the sender
rules = "rules.toml"                   # who is told what

[mailbox]                              # newsletters and LinkedIn come in by mail: docs/mailbox.md
host = ""                              # your IMAP server, such as "imap.example.com"; empty: no mail is read
port = 993
security = "tls"                       # none only for a server on this machine
user = ""                              # its password: MASTHEAD_IMAP_PASSWORD or MASTHEAD_IMAP_PASSWORD_FILE
folder = "INBOX"                       # better one of its own, filled by a filter
authserv_id = ""                       # how your mail host signs Authentication-Results; masthead doctor names it
senders = []                           # further ones than those of the sources: "news@example.com", "@example.com"
clips_from = []                        # colleagues who may send a link with a quotation: a clip
files = ""                             # instead of host: a folder with mails saved as *.eml
"""

_EXAMPLE = """\
# A source is one small file; its name is its id. Rename this one to my-blog.toml, change it, then:
#   masthead sources check
#   masthead crawl my-blog
id = "my-blog"
name = "A blog we read"
kind = "kol"                           # or official, regulator, wire, mainstream, trade, self_media, community
language = "en"
access = "feed"                        # feed, sitemap, listing, api, page, mailbox
url = "https://blog.example/feed.xml"
"""

WORDS = """\
# Your own words, on top of those that come with Masthead. Rename this file to ours.toml, change it, then:
#   masthead doctor             is it understood, and does it say what you mean?
#   masthead retag --dry-run    what would change in the archive?
#   masthead retag              change it; the next crawl uses your words by itself
# The whole language, with examples: docs/lexicon.md

# A company that Masthead does not know. kind: platform, company, carrier or authority.
[[entity]]
id = "harbour_mart"                    # small letters, digits, _
kind = "platform"
en = "Harbour Mart"
zh = "港湾集市"
aliases = ["harbour mart", "港湾集市"]  # in any case; short names belong under exact = ["HM"], as written
vetoes = ["harbour mart road"]         # longer names that are something else

# A further name of a company that it knows: the id alone, without kind, en and zh.
[[entity]]
id = "amazon"
aliases = ["amazon bazaar"]

# Cues of an event type. One strong cue in a headline is an event; weak ones only help.
# sue~ is sue, sues, sued, suing; (a|b) either; " .. " in this order, close by; " & " in one sentence.
[[event]]
id = "platform/fees"
strong = ["pallet levy", "raise~ .. pallet (fee|fees)", "托盘附加费"]
yes = ["Marketplace adds a pallet levy", "平台加收托盘附加费"]    # must be read as this type
no = ["He sat on a pallet"]                                       # must not

# A rule that is wrong for you: its id stands beside each quoted sentence on the desk.
# [[off]]
# rules = ["fees-0a1b2c"]
"""


_RULES = """\
# Who is told what. Change it while the service runs: it is read again by itself, and a mistake is named with its line
# while the last good version stays in force. See what it would do: masthead alerts preview --since 30d

# [[recipients]]
# name = "ops"
# address = "ops@example.com"
# language = "zh"                      # or en
# zone = "Asia/Shanghai"
# quiet = "22:00-07:00"                # nothing instant in these hours; it comes when they end
# instant_per_day = 10                 # what is more goes into the morning mail
# daily = true                         # the morning edition
# weekly = false
# service = true                       # is told when Masthead itself needs somebody

# Within a key any value will do, between keys all must hold. A key that is left out asks for nothing.
# The keys and values are those of the desk's addresses: /stories?platform=temu&status=official
# [[rules]]
# name = "official-news"
# to = ["ops"]
# level = "instant"                    # or daily, weekly
# platform = ["amazon", "tiktok", "temu", "shein"]
# status = ["official", "denied"]
# impact = 2                           # at least, 0 to 4
# again_on = ["status", "figure", "date", "official"]

# [[rules]]
# name = "page-changes"
# to = ["ops"]
# level = "instant"
# form = ["change"]                    # what changed on a watched page: docs/policy-watch.md
# again_on = ["status", "official"]

# [[rules]]
# name = "everything-else"
# to = ["ops"]
# level = "daily"

# [[rules]]
# name = "bans"
# to = ["ops"]
# level = "instant"
# type = ["state/ban"]
# words = ["cross-border", "跨境"]
# urgent = true                        # may pass quiet hours

# masthead alerts silence writes these:
# [[silences]]
# until = 2026-12-31
# by = "Li"
# reason = "handled"
# platform = ["ebay"]
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
def init(folder: Path) -> None:
    """Write a commented configuration, and folders for your own sources and words.

    \b
    Examples:
      masthead init            here
      masthead init team       in the folder `team`
    """
    config = folder / "masthead.toml"
    if config.exists():
        raise UsageError("is there already and was left as it is; choose another folder", about=str(config))
    sources = folder / "sources"
    words = folder / "lexicon"
    for place in (sources, words):
        place.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG, encoding="utf-8")
    rules = folder / "rules.toml"
    if not rules.exists():
        rules.write_text(_RULES, encoding="utf-8")
    (sources / "my-blog.toml.example").write_text(_EXAMPLE, encoding="utf-8")
    (words / "ours.toml.example").write_text(WORDS, encoding="utf-8")
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(
        f"Written: {config}, {rules}, {sources}/ and {words}/\n"
        f"Next: set `contact` in masthead.toml, then run: {where}masthead crawl"
    )
