-- Until the transaction ends, nobody else applies events of these services and environments to this
-- metric, and nobody rebuilds it. In the order of the keys, so that two never wait for each other.
-- :metric text; :source, :id text of one event, or :after, :until bigint places in the log
select
    pg_advisory_xact_lock_shared(hashtextextended(:metric::text, 0)),
    pg_advisory_xact_lock(service.lock_key)
from (
    select distinct
        hashtextextended(
            concat_ws(' ', :metric::text, event.environment_id, event.service_id), 0
        ) as lock_key
    from cdevents_raw as event
    where
        (event.cd_source = :source::text and event.cd_id = :id::text)
        or (event.seq > :after::bigint and event.seq <= :until::bigint)
    order by lock_key
) as service;
