-- What there is to forget: one row per event and where it is kept. Of a source and an id that is
-- the event, and what was made of it; of a person, each event that says one of the names.
-- :source text, :ids text[], or null; :pattern text, a regular expression, or null
with kept as (
    select
        'cloudevents_raw' as kept_in,
        event.ce_source as source,
        event.ce_id as id,
        event.ce_type as type,
        event.ce_source || ' ' || event.ce_id || ' ' || event.content::text as said
    from cloudevents_raw as event
    union all
    select
        'cloudevents_replaced' as kept_in,
        event.ce_source as source,
        event.ce_id as id,
        event.ce_type as type,
        event.ce_source || ' ' || event.ce_id || ' ' || event.content::text as said
    from cloudevents_replaced as event
    union all
    select
        'cdevents_raw' as kept_in,
        event.cd_source as source,
        event.cd_id as id,
        event.cd_type as type,
        event.cd_source || ' ' || event.cd_id || ' ' || event.content::text as said
    from cdevents_raw as event
    union all
    select
        'cdevents_replaced' as kept_in,
        event.cd_source as source,
        event.cd_id as id,
        event.cd_type as type,
        event.cd_source || ' ' || event.cd_id || ' ' || event.content::text as said
    from cdevents_replaced as event
    union all
    select
        'dead_letters' as kept_in,
        event.ce_source as source,
        event.ce_id as id,
        event.ce_type as type,
        event.ce_source || ' ' || event.ce_id || ' ' || event.content::text as said
    from dead_letters as event
),

named as materialized (
    select distinct kept.source, kept.id from kept
    where
        (kept.source = :source::text and kept.id = any(:ids::text[]))
        or kept.said ~* :pattern::text
    union
    select :source::text as source, unnest(:ids::text[]) as id
    where :source::text is not null
),

-- A report that nothing became of it, and one that the Broker refused it.
about as materialized (
    select named.source, named.id from named
    union
    select named.source, named.id || other.suffix as id
    from named
    cross join (values ('/unknown'), ('/refused')) as other (suffix)
    union
    select event.cd_source, event.cd_id
    from cdevents_raw as event
    inner join named on event.cause = named.source || ' ' || named.id
)

select distinct
    kept.kept_in,
    kept.source,
    kept.id,
    kept.type
from kept
inner join about using (source, id)
order by kept.kept_in, kept.source, kept.id;
