-- Let the rows of the catalog's tables be those of the catalog that was loaded last, where nothing
-- was computed yet. Call under the lock timeline.
with filled as (
    select fill_catalog() as filled
    from catalog_state
    where
        version > applied_version
        and not exists (
            select from processed_events
            where consumer = 'timeline' and seq > 0
        )
        and not exists (select from applied_events)
)

update catalog_state set applied_version = version
from filled;
