-- By what the version of a service event, or what an artifact was made of, may be found: one row per
-- event and key. So a change or an artifact that is told finds the events that name it.
create table if not exists version_keys (
    key text not null,
    happened_at timestamptz not null,
    cd_source text not null,
    cd_id text not null,
    is_service boolean not null,
    primary key (key, happened_at, cd_source, cd_id)
);

comment on table version_keys is
'By what the version of a service event, or what an artifact was made of, may be found; written by a
trigger of cdevents_raw in the same transaction.';
comment on column version_keys.key is
'Of images: digest and the digest, tag and repository and tag, or artifact and its id. Of commits:
commit and what the event calls it, or short and the first seven digits of what may be one.';
comment on column version_keys.is_service is 'Of a service event; else of one of an artifact.';

alter table version_keys owner to dora_owner;
grant select, insert, delete on version_keys to dora_writer;
grant select on version_keys to dora_reader;
