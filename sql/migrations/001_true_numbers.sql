-- From release 0.1.0, in which each metric looked for what an event may change by views and
-- functions over the log, to facts and a timeline that all of them share.
do $$
begin
    if not take_migration(1, 'true_numbers') then return; end if;

    -- Until sql/schema makes another one, events are kept without what is written beside the log.
    drop trigger cdevents_raw_derive on cdevents_raw;
    -- The last one first: views call functions whose types are those of other views.
    drop function stg_naming_deployments(text[], text[]);
    drop function stg_deployed_change(text, text);
    drop view stg_deployed_changes;
    drop function stg_nearest_artifact(text, timestamptz);
    drop view stg_changes;
    drop function stg_affected_deployments(text[], text[]);
    drop function stg_belonging(text[], text[]);
    drop function stg_failure(text, text);
    drop view stg_failures;
    drop function stg_incident_deployment(text, text);
    drop view stg_incident_deployments;
    drop function stg_rollback(text, text);
    drop view stg_rollbacks;
    drop function stg_next_revision(text, text, bigint);
    drop function stg_latest_deployment_of_artifact(text, text, text, timestamptz);
    drop function stg_latest_deployment(text, text, timestamptz);
    drop function stg_deployment_after(text, text, timestamptz, bigint, text, text);
    drop function stg_deployment_before(text, text, timestamptz, bigint, text, text);
    drop function stg_deployment(text, text);
    drop view stg_deployments;
    drop view stg_service_events;
    drop view stg_incidents;
    drop function stg_incident_tellings(text[], text[]);
    drop function stg_given(text[], text[]);
    drop view stg_tellings;
    drop function cdevents_raw_derive();
    drop function told_artifact_keys(cdevents_raw);
    drop function artifact_keys(text);
    drop function told_commits(jsonb, timestamptz);
    drop function asked_bucket(text, timestamptz);
    drop function is_asked(text, text, text[], text[], jsonb);
    drop function environment_tier(text);

    -- These are filled again from the log.
    drop table incidents;
    drop table named_deployments, artifact_keys, change_commits;
    drop table services, service_repositories, environments;
    drop index deployment_reworks_incident;

    -- Facts stand in tables of their own now, so that the log needs fewer columns and indexes.
    drop index cdevents_raw_deployed_artifact, cdevents_raw_service_artifact,
    cdevents_raw_deployment_id, cdevents_raw_incident;
    alter table cdevents_raw
    drop column change_id, drop column commit_id, drop column template_fingerprint,
    drop column deployment_uid, drop column deployment_revision;
    alter table cdevents_replaced
    drop column change_id, drop column commit_id, drop column template_fingerprint,
    drop column deployment_uid, drop column deployment_revision;

    -- What somebody added to the tiers of environments as a pattern is a word of their names now.
    create table tier_words (
        word text primary key,
        tier text not null check (tier in ('production', 'staging', 'testing', 'development')),
        position integer not null,
        is_whole boolean not null default false
    );
    insert into tier_words (word, tier, position)
    select distinct on (word) own.word, own.tier, 0
    from (
        select
            pattern, tier,
            regexp_replace(
                regexp_replace(lower(rtrim(pattern, '%')), '[0-9]*[^a-z0-9]+', ' ', 'g'),
                '[0-9]+$', ''
            ) as word
        from environment_tiers
        where
            (pattern, tier) not in (
                ('prod%', 'production'), ('live', 'production'), ('default', 'production'),
                ('stag%', 'staging'), ('test%', 'testing'), ('qa%', 'testing'),
                ('%', 'development')
            )
    ) as own
    where own.word ~ '^[a-z0-9 ]*[a-z0-9]$' and rtrim(own.pattern, '%') !~ '[%_]'
    order by own.word, length(own.pattern) desc;
    drop table environment_tiers;

    -- What deployments ship is found anew by other means.
    drop table deployed_changes, shipped_changes;

    -- Everything is computed anew beside what is served: what is served does not catch up before.
    insert into processed_events (consumer, seq)
    select 'timeline', max(seq) from cdevents_raw having count(*) > 0;
end
$$;
