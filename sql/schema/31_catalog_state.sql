-- Which catalog was loaded last, and which one the rows of the catalog's tables are of: one row.
create table if not exists catalog_state (
    only_row boolean primary key default true check (only_row),
    digest text,
    content jsonb,
    version bigint not null default 0,
    applied_version bigint not null default 0,
    loaded_at timestamptz,
    problem text
);

-- With a log from before there was a catalog, everything is computed anew at the next tick.
insert into catalog_state (version)
select exists(select from cdevents_raw)::integer
on conflict (only_row) do nothing;

comment on table catalog_state is
'Which catalog was loaded last, and which one is applied; one row.';
comment on column catalog_state.digest is 'Of the content; null where none was ever loaded.';
comment on column catalog_state.content is
'The catalog that was loaded last: rows by the names of the tables without catalog_.';
comment on column catalog_state.version is
'How many catalogs were loaded, or things changed because of which everything is computed anew.';
comment on column catalog_state.applied_version is
'Which of them the rows of the catalog''s tables are, and what was computed with them.';
comment on column catalog_state.problem is
'Why the catalog that was found last could not be read; null where it could.';

alter table catalog_state owner to dora_owner;
grant select, update on catalog_state to dora_metrics;
grant select on catalog_state to dora_reader;
