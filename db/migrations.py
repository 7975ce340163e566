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
    run_script(db, _ARCHIVE)


def run_script(db: Database, script: str) -> None:
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
    run_script(db, _DESK)


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
    run_script(db, _KEEPING)


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


@migrations(name="0004_stories")
def _stories(db: Database) -> None:
    run_script(db, _STORIES)


# A story is one happening with its coverage. Rules write with decided_by 'rule', people with their name; what a person
# decided is never overwritten by a rule. Whatever was decided stays as a row of story_decisions and can be undone.
_STORIES = """
create table stories (
    id text primary key,                    -- st-...; stays, whatever joins or leaves
    first_at text not null, last_at text not null, day text not null,  -- of first_at, in the team's zone
    main_event text not null default '', event_types text not null default '[]', platforms text not null default '[]',
    regions text not null default '[]', audience text not null default '[]', parties text not null default '{}',
    languages text not null default '[]', source_kinds text not null default '[]',
    line_en text not null default '', line_zh text not null default '',  -- event, parties, place, day in one plain line
    lead_article_id integer references articles(id) on delete set null,  -- the first named: who had it first
    articles integer not null default 0, origins integer not null default 0, families integer not null default 0,
    status text not null default 'rumor', status_at text not null, status_by text not null default 'rule',
    impact integer not null default 0, impact_reasons text not null default '[]',
    importance real not null default 0, importance_parts text not null default '{}',
    credibility real not null default 0, credibility_parts text not null default '{}',
    follows text references stories(id) on delete set null,
    merged_into text references stories(id) on delete set null,  -- its address redirects; it has no articles any more
    rules text not null default '',         -- version of the rules that assessed it; '' = to be assessed anew
    updated_at text not null
) strict;
create index stories_last on stories(last_at desc);
create index stories_status on stories(status, last_at desc);
create index stories_status_at on stories(status_at desc);
create index stories_day on stories(day, last_at desc);
create index stories_event on stories(main_event, last_at desc);
create index stories_follows on stories(follows) where follows is not null;
create index stories_lead on stories(lead_article_id) where lead_article_id is not null;
create index stories_merged on stories(merged_into) where merged_into is not null;
create index stories_rules on stories(rules);

create table story_articles (
    article_id integer primary key references articles(id) on delete cascade,
    story_id text not null references stories(id), at text not null,
    score real not null default 1.0, why text not null default '[]', decided_by text not null default 'rule',
    origin_article_id integer not null,     -- the first article of its origin in this story, perhaps itself
    official integer not null default 0,    -- 1: of a source that speaks for somebody
    signature text not null default '{}',   -- what threading compares: pipelines.threads
    statements text not null default '{}'   -- what the article claims, slot by slot: pipelines.statements
) strict;
create index story_articles_story on story_articles(story_id, at, origin_article_id);
create index story_articles_official on story_articles(story_id, at) where official = 1;

-- of a source's first crawl: threaded in order of time when the crawl is over, for a feed begins with its newest
create table story_waiting (
    article_id integer primary key references articles(id) on delete cascade,
    signature text not null, statements text not null
) strict;

-- the inverted index of threading: which stories of which days share an entity, event, figure or word
create table story_keys (
    key text not null, day text not null, story_id text not null,
    primary key (key, day, story_id)
) strict, without rowid;
create index story_keys_story on story_keys(story_id);

create table status_moves (
    id integer primary key, story_id text not null references stories(id) on delete cascade,
    status text not null, at text not null, article_id integer references articles(id) on delete set null,
    source_id text not null default '', quote text not null default '', decided_by text not null default 'rule',
    reason text not null default '', recorded_at text not null
) strict;
create index status_moves_story on status_moves(story_id, at);
create index status_moves_article on status_moves(article_id) where article_id is not null;
create index status_moves_at on status_moves(at desc);

create table claims (
    id integer primary key, story_id text not null references stories(id) on delete cascade,
    article_id integer not null references articles(id) on delete cascade,
    verdict text not null, action text not null default '', slot text not null, value text not null default '',
    field text not null, start integer not null, "end" integer not null, quote text not null,
    official_article_id integer references articles(id) on delete set null, official_value text not null default '',
    official_field text not null default '', official_start integer not null default 0,
    official_end integer not null default 0, official_quote text not null default '',
    at text not null                        -- as of when no official text in the archive says so
) strict;
create index claims_story on claims(story_id);
create index claims_article on claims(article_id);
create index claims_official on claims(official_article_id) where official_article_id is not null;
create index claims_verdict on claims(verdict, at desc);

create table deadlines (
    id integer primary key, story_id text not null references stories(id) on delete cascade,
    article_id integer not null references articles(id) on delete cascade,
    date text not null, role text not null, field text not null, start integer not null, "end" integer not null,
    quote text not null default ''
) strict;
create index deadlines_date on deadlines(date);
create index deadlines_story on deadlines(story_id);
create index deadlines_article on deadlines(article_id);

-- with which rules the archive was threaded again, and up to which article in order of time; upto null = all of them
create table story_state (
    one integer primary key check (one = 1), version text not null default '', upto_at text, upto integer
) strict;
insert into story_state (one) values (1);

-- people's and rules' joins, splits, merges, moves, follow-ups and status overrides, newest last
create table story_decisions (
    id integer primary key, at text not null, kind text not null, story_id text not null, other_story_id text,
    article_id integer, decided_by text not null, reason text not null default '', score real,
    before text not null default '{}',      -- what undo puts back
    undone_at text, undone_by text not null default ''
) strict;
create index story_decisions_story on story_decisions(story_id);
create index story_decisions_other on story_decisions(other_story_id) where other_story_id is not null;

-- what recipients may have to learn: written in the transaction of the story, without recipients
create table signals (
    id integer primary key, story_id text not null references stories(id) on delete cascade,
    trigger text not null,                  -- status:official, figure:<hash>, date:<hash>, official:<article>
    status text not null, at text not null, article_id integer references articles(id) on delete set null,
    baseline integer not null default 0,    -- 1: of a source's first crawl and older than 48 h
    unique (story_id, trigger)
) strict;
create index signals_at on signals(at);
create index signals_article on signals(article_id) where article_id is not null;

-- what readers say of a story or an article; undone rows stay as the log
create table triage (
    id integer primary key, story_id text, article_id integer, kind text not null, value text not null default '',
    note text not null default '', by text not null, at text not null,
    undone_at text, undone_by text not null default ''
) strict;
create index triage_story on triage(story_id) where story_id is not null;
create index triage_article on triage(article_id) where article_id is not null;
"""


@migrations(name="0005_rules")
def _rules(db: Database) -> None:
    run_script(db, _RULES)


_RULES = """
-- where the quoted sentence begins in its field. Of a sentence beyond a kept lead that was stored without it, nobody
-- can tell any more: it is taken to begin with its cue
alter table evidence add column quote_start integer not null default 0;
update evidence set quote_start = coalesce(
    (select nullif(instr(iif(evidence.field = 'title', a.title, a.text), evidence.quote), 0) - 1
        from events e join articles a on a.id = e.article_id where e.id = evidence.event_id),
    start
);

-- the lexicon's rules as of the last crawl or retag; how often each was right on the shipped quality set
create table rules (
    id text primary key, kind text not null, target text not null, weight real not null, pattern text not null,
    file text not null,                     -- "" for a shipped rule
    right integer not null default 0, wrong integer not null default 0, lexicon text not null
) strict, without rowid;
"""


@migrations(name="0006_recoveries")
def _recoveries(db: Database) -> None:
    run_script(db, _RECOVERIES)


_RECOVERIES = """
-- the state before the run: bad then and good now is a recovery
alter table run_sources add column was text not null default 'never';
update run_sources set was = coalesce(
    (select before.state from run_sources before
        where before.source_id = run_sources.source_id and before.run_id < run_sources.run_id
        order by before.run_id desc limit 1),
    'never'
);
"""


@migrations(name="0007_desk_stories")
def _desk_stories(db: Database) -> None:
    run_script(db, _DESK_STORIES)


# The list of stories, its orders and its facets, answered by one index alone: db.desk.story_list, db.desk.tallies.
_DESK_STORIES = """
create index stories_newest on stories(
    last_at desc, status, impact, importance, articles, platforms, event_types, source_kinds, languages, day, id,
    merged_into
) where merged_into is null;
create index status_moves_recorded on status_moves(recorded_at);
create index triage_kind on triage(kind, story_id) where undone_at is null;
create index revisions_seen on revisions(seen_at desc);

-- tokens with which programs read feeds and calendar; a hash only, so that the file opens nothing
create table feed_tokens (
    id integer primary key, hash text not null unique, label text not null default '',
    by text not null, at text not null, revoked_at text, revoked_by text not null default ''
) strict;
"""


@migrations(name="0008_rule_hits")
def _rule_hits(db: Database) -> None:
    run_script(db, _RULE_HITS)


# Counted as evidence comes and goes, whoever deletes it: counting 200,000 rows anew takes seconds.
_RULE_HITS = """
create table rule_hits (
    rule text primary key, hits integer not null, last_hit_at text not null, last_article_id integer not null
) strict, without rowid;
insert into rule_hits (rule, hits, last_hit_at, last_article_id)
    select v.rule, count(*), max(a.sort_at), a.id
    from evidence v join events e on e.id = v.event_id join articles a on a.id = e.article_id group by v.rule;
create trigger rule_hit after insert on evidence begin
    insert or ignore into rule_hits (rule, hits, last_hit_at, last_article_id) values (new.rule, 0, '', 0);
    update rule_hits set hits = hits + 1 where rule = new.rule;
    update rule_hits set (last_hit_at, last_article_id) = (
            select a.sort_at, a.id from events e join articles a on a.id = e.article_id where e.id = new.event_id)
        where rule = new.rule and last_hit_at <= (
            select a.sort_at from events e join articles a on a.id = e.article_id where e.id = new.event_id);
end;
create trigger rule_miss after delete on evidence begin
    update rule_hits set hits = hits - 1 where rule = old.rule;
end;
"""


@migrations(name="0009_people")
def _people(db: Database) -> None:
    run_script(db, _PEOPLE)


_PEOPLE = """
alter table sources add column person text not null default '';  -- whose channel it is, '' for nobody's
create index sources_person on sources(person) where person != '';
create table people (
    id text primary key, name text not null, role text not null, why text not null,
    languages text not null default '[]', platforms text not null default '[]',
    linkedin text not null default '',      -- a link for people; never fetched
    enabled integer not null default 1
) strict, without rowid;
"""


@migrations(name="0010_voices")
def _voices(db: Database) -> None:
    run_script(db, _VOICES)


# Whose an article is, without reading its text: the scoreboard asks it of every article of a year. And the stories by
# importance, as stories_newest has them by time.
_VOICES = """
create index articles_voice on articles(id, source_id);
create index stories_importance on stories(
    importance desc, last_at desc, status, impact, platforms, event_types, source_kinds, languages, day, id, merged_into
) where merged_into is null;
"""


@migrations(name="0011_page_changes")
def _page_changes(db: Database) -> None:
    run_script(db, _PAGE_CHANGES)


_PAGE_CHANGES = """
-- article; page: a watched page, kept in revisions, which is no news itself; change: what changed on such a page
alter table articles add column form text not null default 'article';
update articles set form = 'page' where source_id in (select id from sources where access = 'page');
create index articles_form on articles(form, sort_at desc) where form != 'article';

-- of a watched page: what its readers must know of the wording that follows, as [{before, after, place, parts}]; null
-- while nobody has looked, '[]' where nothing changed for them. The item tells it.
alter table revisions add column changes text;
alter table revisions add column item_id integer references articles(id) on delete set null;
update revisions set changes = '[]';
create index revisions_item on revisions(item_id) where item_id is not null;
"""


@migrations(name="0012_records")
def _records(db: Database) -> None:
    run_script(db, _RECORDS)


_RECORDS = """
-- what a register says of a document beside its text; days are ISO. speaks_for: the ids of its agencies, where its
-- source speaks for nobody itself
create table records (
    article_id integer primary key references articles(id) on delete cascade,
    number text not null default '', type text not null default '',
    effective text not null default '', comments_close text not null default '',
    agencies text not null default '[]', docket text not null default '', speaks_for text not null default '[]'
) strict;
create index records_number on records(number) where number != '';
"""
