"""The schema, as a list of migrations that only grows: a published one is never edited.

Times are ISO 8601 text in UTC (`2024-08-08T13:00:00+00:00`), so that text order is time order.
JSON columns hold arrays or objects of bounded size; crawled keys never become columns.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

migrations = Migrations("masthead")


@migrations(name="0001_archive")
def _archive(db: Database) -> None:
    _run(db, _ARCHIVE)


def _run(db: Database, script: str) -> None:
    """Execute statements one by one: executescript() would commit the migration's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


_ARCHIVE = """
create table sources (
    id text primary key, name text not null, kind text not null, language text not null,
    access text not null, url text not null, family text not null, zone text not null, keep_text text not null,
    speaks_for text not null default '[]', hosts text not null default '[]', platforms text not null default '[]',
    enabled integer not null default 1, gap_hours integer not null, why text not null default '',
    -- what is remembered between runs
    state text not null default 'never', code text not null default '', detail text not null default '',
    since text, last_try_at text, last_good_at text, last_new_at text, last_full_at text,
    fails real not null default 0, etag text not null default '', last_modified text not null default '',
    body_hash text not null default '', entries integer not null default 0, retry_after_at text,
    moved_to text not null default '', gap_seconds real, guid_trust text not null default ''
) strict;

create table robots (
    origin text primary key,               -- scheme://host:port
    fetched_at text not null, status integer not null, code text not null default '', body blob not null default x''
) strict;

create table hosts (
    host text primary key, retry_after_at text not null
) strict;

create table runs (
    id integer primary key, started_at text not null, ended_at text, pid integer not null, host text not null,
    outcome text not null default 'running',  -- running | good | partial | failed | interrupted | crashed
    asked integer not null default 0, seen integer not null default 0,
    new integer not null default 0, changed integer not null default 0, same integer not null default 0,
    requests integer not null default 0
) strict;

create table run_sources (
    run_id integer not null references runs(id) on delete cascade,
    source_id text not null references sources(id) on delete cascade,
    state text not null, code text not null default '', detail text not null default '',
    new integer not null default 0, changed integer not null default 0, same integer not null default 0,
    failed integer not null default 0, entries integer not null default 0, requests integer not null default 0,
    seconds real not null default 0, at text not null,
    primary key (run_id, source_id)
) strict, without rowid;
create index run_sources_source on run_sources(source_id, run_id);

create table fetches (
    id integer primary key, run_id integer references runs(id) on delete cascade, source_id text not null,
    url text not null, at text not null,
    purpose text not null, status integer not null, code text not null, detail text not null,
    size_bytes integer not null, seconds real not null
) strict;
create index fetches_source on fetches(source_id, at);
create index fetches_run on fetches(run_id);

create table origins (
    id integer primary key, articles integer not null default 0
) strict;

create table articles (
    id integer primary key,
    source_id text not null references sources(id), source_kind text not null,
    url text, canonical_url text, guid text not null default '',
    title text not null, title_key text not null, lead text not null,
    authors text not null default '[]', language text not null default '',
    published_raw text not null default '', published_at text, seen_at text not null, updated_at text not null,
    sort_at text not null,                  -- the earlier of published_at and seen_at
    day text not null,                      -- of sort_at, in the team's zone
    quality text not null, found_by text not null default '{}', flags text not null default '[]',
    content_hash text not null,             -- of title and full text, also where only the lead is kept
    revisions integer not null default 1,   -- wordings so far, this one included
    origin_id integer not null references origins(id),
    copy_kind text not null default '', copy_score real not null default 1.0,
    relevance integer not null default 0, lexicon text not null default '',
    platforms text not null default '[]', event_types text not null default '[]', main_event text not null default '',
    -- what is long or only for machines comes last: a row is read up to the last column asked for
    sketch_exact text not null, sketch_size integer not null, sketch blob not null, sketch_bands blob not null,
    text text not null
) strict;
create index articles_sort on articles(sort_at desc);
create index articles_day on articles(day);
create index articles_source on articles(source_id, sort_at);
create index articles_kind on articles(source_kind);
create index articles_language on articles(language);
create index articles_main_event on articles(main_event);
create index articles_origin on articles(origin_id);
create index articles_title on articles(source_id, title_key);
create index articles_guid on articles(source_id, guid) where guid != '';

-- every address under which a source showed an article; the first rung of its identity
create table addresses (
    url text not null, source_id text not null references sources(id),
    article_id integer not null references articles(id) on delete cascade,
    fingerprint text not null default '',   -- of the entry that led here; equal next time = nothing to fetch
    tries integer not null default 0,       -- readings of the page that failed in a row
    declared integer not null default 0,    -- 1: only the page's own canonical link says so
    primary key (url, source_id)
) strict, without rowid;
create index addresses_article on addresses(article_id);

create table revisions (
    id integer primary key, article_id integer not null references articles(id) on delete cascade,
    number integer not null, seen_at text not null, title text not null, text text not null,
    content_hash text not null, diff text not null default '',
    unique (article_id, number)
) strict;

-- 24 keys an article: no foreign key, no second index; articles.sketch_bands tells what to delete
create table copy_bands (
    band integer not null, article_id integer not null, primary key (band, article_id)
) strict, without rowid;

create table entities (
    id text primary key, name_en text not null, name_zh text not null, kind text not null,
    parent text not null default '',
    aliases text not null default '[]'      -- names that mean the same, for the search
) strict;

create table mentions (
    article_id integer not null references articles(id) on delete cascade,
    entity text not null, field text not null, start integer not null, "end" integer not null,
    surface text not null, about integer not null,
    primary key (article_id, field, start, entity)
) strict, without rowid;
create index mentions_entity on mentions(entity, article_id);

create table events (
    id integer primary key, article_id integer not null references articles(id) on delete cascade,
    position integer not null, type text not null, score real not null,
    attribution text not null, polarity text not null, modality text not null,
    parties text not null default '{}', audience text not null default '[]', regions text not null default '[]',
    effective_date text, amounts text not null default '[]', dates text not null default '[]',
    unique (article_id, position)
) strict;
create index events_type on events(type, article_id);

create table evidence (
    id integer primary key, event_id integer not null references events(id) on delete cascade,
    field text not null, start integer not null, "end" integer not null, rule text not null, quote text not null
) strict;
create index evidence_event on evidence(event_id);
create index evidence_rule on evidence(rule);

-- Han characters set apart, simplified, lower case; contentless: what was indexed is computed from the stored rows
create virtual table search using fts5(title, text, content='', tokenize="unicode61 remove_diacritics 2");
"""


@migrations(name="0002_desk")
def _desk(db: Database) -> None:
    _run(db, _DESK)


# The lists of the desk in their order, and one index that answers its facets and counts alone: reading a hundred
# thousand rows with their texts takes half a second, reading this index 20 ms. db.desk.facets names it.
_DESK = """
drop index articles_kind;
drop index articles_language;
drop index articles_day;
create index articles_kind on articles(source_kind, sort_at desc);
create index articles_language on articles(language, sort_at desc);
create index articles_day on articles(day, sort_at desc);
create index articles_seen on articles(seen_at);
create index articles_platforms on articles(platforms);
create index articles_event_types on articles(event_types);
create index articles_facets on articles(day, source_kind, language, relevance, source_id, platforms, event_types);
"""


@migrations(name="0003_keeping")
def _keeping(db: Database) -> None:
    _run(db, _KEEPING)


_KEEPING = """
-- with which folding the search index was made, and up to which article; upto null = all of them
create table search_state (
    one integer primary key check (one = 1), version text not null, upto integer
) strict;
insert into search_state (one, version) values (1, '');

-- people whose items were deleted on request and must not come back; a hash, so that the name itself is gone
create table forgotten (
    author_hash text primary key, at text not null
) strict, without rowid;
"""
