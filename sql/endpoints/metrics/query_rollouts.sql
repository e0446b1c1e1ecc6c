-- What rolled a deployment out, the earliest first: one row per event; with the deployment that it
-- took back, if it did.
-- :source, :id text, of the deployment
select
    rollout.cd_source as source,
    rollout.cd_id as id,
    event.cd_predicate as predicate,
    rollout.happened_at,
    rollout.started_at,
    rollout.environment_name as environment,
    rollout.artifact,
    rollout.is_unplanned,
    event.content #>> '{customData,dora,url}' as url,
    case
        when rollout.takes_back_id is not null
            then jsonb_build_object(
                'source', rollout.takes_back_source, 'id', rollout.takes_back_id
            )
    end as takes_back
from timeline as rollout
inner join cdevents_raw as event using (cd_source, cd_id)
where (rollout.deploy_source, rollout.deploy_id) = (:source::text, :id::text)
order by rollout.happened_at, rollout.revision, rollout.cd_source, rollout.cd_id;
