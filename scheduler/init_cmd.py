"""`masthead init`: a folder with a commented configuration and a place for own sources. Never overwrites."""

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
"""

_EXAMPLE = """\
# A source is one small file; its name is its id. Rename this one to my-blog.toml, change it, then:
#   masthead sources check
#   masthead crawl my-blog
id = "my-blog"
name = "A blog we read"
kind = "kol"                           # or official, regulator, wire, mainstream, trade, self_media, community
language = "en"
access = "feed"                        # feed, sitemap, listing, api, page
url = "https://blog.example/feed.xml"
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
def init(folder: Path) -> None:
    """Write a commented configuration and a folder for your own sources.

    \b
    Examples:
      masthead init            here
      masthead init team       in the folder `team`
    """
    config = folder / "masthead.toml"
    if config.exists():
        raise UsageError("is there already and was left as it is; choose another folder", about=str(config))
    sources = folder / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIG, encoding="utf-8")
    (sources / "my-blog.toml.example").write_text(_EXAMPLE, encoding="utf-8")
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(
        f"Written: {config} and {sources}/\nNext: set `contact` in masthead.toml, then run: {where}masthead crawl"
    )
