-- All that could not be delivered to a function; one row per event and function.
create table if not exists dead_letters (
    dead_letter_id bigint generated always as identity primary key,
    ce_source text not null,
    ce_id text not null,
    ce_type text not null,
    content json not null,
    destination text not null,
    response_code integer,
    reason text not null,
    refused_count integer not null default 1,
    first_refused_at timestamptz not null default now(),
    last_refused_at timestamptz not null default now()
);

alter table dead_letters add column if not exists redriven_at timestamptz;
alter table dead_letters add column if not exists is_open boolean not null
generated always as (coalesce(last_refused_at > redriven_at, true)) stored;

-- By digest, because an id that is too long for an index may be why the event is here.
create unique index if not exists dead_letters_key
on dead_letters (md5(ce_source || ' ' || ce_id), md5(destination));

-- What is open, and the newest of each source; by digest, because a source may be too long.
create index if not exists dead_letters_open on dead_letters (dead_letter_id) where is_open;
create index if not exists dead_letters_source on dead_letters (md5(ce_source), last_refused_at);

comment on table dead_letters is
'Every event that could not be delivered to a function, and why.';
comment on column dead_letters.content is
'The whole event in CloudEvents JSON format, to the letter: json, because jsonb refuses \u0000.
Of what is no event: its ce- headers, and its body as data_base64.';
comment on column dead_letters.ce_id is
'The event''s id; the digest of content where there is no id or no source. In texts, U+FFFD is for
what they cannot hold: NUL and half surrogates.';
comment on column dead_letters.destination is 'URL of the function that did not take it.';
comment on column dead_letters.response_code is
'HTTP status of its last answer; null when none came.';
comment on column dead_letters.reason is
'What the function answered, or what is wrong with the event.';
comment on column dead_letters.refused_count is 'How often the event came here.';
comment on column dead_letters.redriven_at is 'When it was last sent again; null when never.';
comment on column dead_letters.is_open is 'Not sent again yet, or refused again since.';

alter table dead_letters owner to dora_owner;
grant select, insert, update on dead_letters to dora_writer;
-- All but what came, with the names of people that tools put into it.
revoke select on dead_letters from dora_reader;
grant select (
    dead_letter_id, ce_source, ce_id, ce_type, destination, response_code, reason, refused_count,
    first_refused_at, last_refused_at, redriven_at, is_open
) on dead_letters to dora_reader;

-- Count each time that an event is refused.
create or replace function dead_letters_count() returns trigger
language plpgsql as $$
begin
    perform note_arrivals('dead_letters', new.ce_source, new.ce_type, new.last_refused_at, 1);
    return null;
end
$$;

create or replace trigger dead_letters_count
after insert or update of last_refused_at on dead_letters
for each row execute function dead_letters_count();

-- Of what was kept before there was such a count.
do $$
begin
    if exists (select from arrivals where kept_in = 'dead_letters') then return; end if;
    perform note_arrivals(
        'dead_letters', letter.ce_source, letter.ce_type, letter.last_refused_at,
        letter.refused_count
    )
    from dead_letters as letter;
end
$$;
