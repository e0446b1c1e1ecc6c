-- What was in the log under an id before an earlier report took its place; almost always empty.
-- Metrics look at the neighbours of where the event was, too.
create table if not exists cdevents_replaced (
    like cdevents_raw including generated including comments,
    replaced_at timestamptz not null default now()
);

create index if not exists cdevents_replaced_key on cdevents_replaced (cd_source, cd_id);

comment on table cdevents_replaced is
'Reports of an event that an earlier report replaced in the log.';

comment on column cdevents_replaced.replaced_at is 'When that took its place.';

alter table cdevents_replaced owner to dora_owner;
grant select, insert on cdevents_replaced to dora_writer;
grant select on cdevents_replaced to dora_metrics, dora_reader;

-- What given events of the log said before an earlier report took its place: one row per report.
create or replace function replaced_reports(sources text[], ids text[]) returns setof cdevents_raw
language sql stable as $$
    select report.*
    from unnest(replaced_reports.sources, replaced_reports.ids) as given (cd_source, cd_id)
    inner join cdevents_replaced as replaced using (cd_source, cd_id)
    cross join lateral jsonb_populate_record(null::cdevents_raw, to_jsonb(replaced)) as report
$$;
