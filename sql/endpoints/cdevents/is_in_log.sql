-- One row: whether this very CDEvent is in the log.
-- :source, :id, :content text
select exists(
    select from cdevents_raw as event
    where
        event.cd_source = :source::text
        and event.cd_id = :id::text
        and event.content = :content::text::jsonb
) as is_in_log;
