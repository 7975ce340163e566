"""Texts that would run, load or lead elsewhere if a page took them for markup, and an archive full of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from db.desk.tables import TABLES
from db.migrations import migrations
from tests.desk_samples import NOW, insert, iso

#: Markup, links, handlers, escapes of attribute, JSON, CSS and template; each would mark the page if it ran.
_RUN = "document.documentElement.setAttribute('data-owned','1')"
PAYLOADS: list[str] = [
    f"<script>{_RUN}</script>",
    f"</title><script>{_RUN}</script>",
    f"</textarea></select></style><script>{_RUN}</script>",
    f'"><script>{_RUN}</script>',
    f"'><script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f'" onmouseover="{_RUN}" autofocus onfocus="{_RUN}" x="',
    f"' onfocus='{_RUN}' autofocus x='",
    f"<svg onload={_RUN}>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><script xlink:href='data:,{_RUN}'></script></svg>",
    f"<body onload={_RUN}>",
    f"<details open ontoggle={_RUN}>",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{_RUN}'></iframe>",
    f"<object data='data:text/html,<script>{_RUN}</script>'></object>",
    f"<embed src='data:image/svg+xml,<svg onload={_RUN}>'>",
    f"javascript:{_RUN}",
    f"JaVaScRiPt:{_RUN}//https://ok.example/",
    f"java\tscript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    f"vbscript:{_RUN}",
    f'https://ok.example/"onclick="{_RUN}',
    f"https://ok.example/<script>{_RUN}</script>",
    "https://user:pass@evil.example/",
    f"<a href='javascript:{_RUN}'>x</a>",
    f"<math><mi xlink:href='javascript:{_RUN}'>x</mi></math>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>body{background:url(https://evil.example/x)}</style>",
    "<form action='https://evil.example/'><input type=submit></form>",
    "<plaintext>",
    "<!--",
    "<![CDATA[<script>x</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    f"{{{{ ''.__class__ }}}}<script>{_RUN}</script>",
    "{% raw %}{{ 7*7 }}",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;script&#62;{_RUN}",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    f"\u2028</script><script>{_RUN}</script>",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"`${{{_RUN}}}`",
    f"';{_RUN};//",
    f'"}}];{_RUN};//',
    "../../../-/logout",
    "//evil.example/x",
    "\u202egnp.exe",
]


def make_hostile(path: Path) -> Path:
    """An archive whose every text column holds the payloads, plain in one row and inside JSON in the next."""
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("pragma journal_mode = wal")
        migrations.apply(Database(conn))
        conn.execute("pragma foreign_keys = off")
        for number, payload in enumerate(PAYLOADS, start=1):
            conn.execute("insert into origins (id) values (?)", [number])
            for table in TABLES:
                columns = conn.execute(f"select name, type from pragma_table_info('{table}')").fetchall()
                insert(conn, table, {name: _hostile(name, kind, payload, number) for name, kind in columns})
            conn.execute("insert into search (rowid, title, text) values (?, ?, ?)", (number, payload, payload))
        conn.commit()
    return path


def _hostile(name: str, kind: str, payload: str, number: int) -> object:
    if kind == "BLOB":
        return payload.encode()
    if kind == "REAL":
        return 0.5
    if kind == "INTEGER":
        return 2 if name in ("relevance", "enabled") else 0 if name == "start" else number
    if name == "kind" or name in ("source_kind", "type", "state", "language"):
        return payload if number % 3 else "official"
    if name in ("merged_into", "undone_at"):
        return None
    if name == "access":
        return "page" if number % 2 else payload
    if name in ("seen_at", "at"):
        return iso(NOW)
    if name == "aliases":  # comes from our own lexicon
        return json.dumps([payload])
    return payload if number % 2 or name in ("id", "source_id", "entity") else json.dumps([payload])
