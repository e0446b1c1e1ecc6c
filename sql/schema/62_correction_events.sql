-- What persons said of deployments and incidents: one row per correction.
create table if not exists correction_events (
    cd_source text not null,
    cd_id text not null,
    kind text not null check (kind in ('deployment', 'incident')),
    source text,
    id text not null,
    corrected_at timestamptz not null,
    said jsonb not null,
    primary key (cd_source, cd_id)
);

-- What was said of one.
create index if not exists correction_events_id on correction_events (id, kind);

comment on table correction_events is
'What persons said of deployments and incidents: one row per correction; written by a trigger of
cdevents_raw in the same transaction.';
comment on column correction_events.source is
'Source of what is corrected; null where it is that of whoever uses the id.';
comment on column correction_events.said is 'The content of the event.';

alter table correction_events owner to dora_owner;
grant select, insert, delete on correction_events to dora_writer;
grant select on correction_events to dora_metrics, dora_reader;

-- What a correction of the log says; no row for other events.
create or replace function correction_facts(event cdevents_raw)
returns setof correction_events
language sql stable as $$
    select
        event.cd_source, event.cd_id, corrected.kind,
        event.content #>> array['subject', 'content', corrected.kind, 'source'],
        event.content #>> array['subject', 'content', corrected.kind, 'id'],
        event.cd_timestamp, event.content #> '{subject,content}'
    from (values ('deployment'), ('incident')) as corrected (kind)
    where
        event.cd_type = 'dev.cdeventsx.dora-correction.created.0.1.0'
        and event.content #> '{subject,content}' ? corrected.kind
$$;

-- What holds of what was said of things, which may be known by several ids: of each part the latest
-- word, and who said the last of them. One row; all is null where nothing holds.
create or replace function corrected(kind text, sources text[], ids text[])
returns table (
    counts boolean, failed boolean, unplanned boolean, commit_name text, repository_url text,
    service_name text, corrected_by text, because text, corrected_at timestamptz
)
language sql stable as $$
    select
        bool_or(word.value = 'true') filter (where word.part = 'counts'),
        bool_or(word.value = 'true') filter (where word.part = 'failed'),
        bool_or(word.value = 'true') filter (where word.part = 'unplanned'),
        lower(min(word.value) filter (where word.part = 'commit')),
        canonical_repository(min(word.value) filter (where word.part = 'repository')),
        min(word.value) filter (where word.part = 'service'),
        (array_agg(word.said ->> 'by' order by word.place desc))[1],
        (array_agg(word.said ->> 'because' order by word.place desc))[1],
        max(word.corrected_at)
    from (
        select distinct on (found.part) found.*
        from (
            select
                event.said, event.corrected_at, part.name as part, part.value,
                row_number() over (
                    order by event.corrected_at, event.cd_source, event.cd_id
                ) as place
            from unnest(corrected.sources, corrected.ids) as thing (source, id)
            inner join correction_events as event on thing.id = event.id
            cross join jsonb_each_text(event.said) as part (name, value)
            where
                event.kind = corrected.kind
                and (event.source is null or event.source = thing.source)
        ) as found
        order by found.part, found.place desc
    ) as word
    where
        word.value is not null
        and word.part in ('counts', 'failed', 'unplanned', 'commit', 'repository', 'service')
$$;

comment on function corrected is
'What holds of all that persons said of a deployment or an incident: one row.';
