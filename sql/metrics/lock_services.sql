-- Until the transaction ends, nobody else applies events of these services and environments to this
-- metric, and nobody rebuilds it. In the order of the keys, so that two never wait for each other.
-- :metric text; :sources, :ids text[] of events
select
    pg_advisory_xact_lock_shared(hashtextextended(:metric::text, 0)),
    pg_advisory_xact_lock(service.lock_key)
from (
    select distinct
        hashtextextended(
            concat_ws(' ', :metric::text, event.environment_id, event.service_id), 0
        ) as lock_key
    from unnest(:sources::text[], :ids::text[]) as given (cd_source, cd_id)
    inner join cdevents_raw as event using (cd_source, cd_id)
    order by lock_key
) as service;
