-- Why the catalog that was found last could not be read: one row, or none where it could.
select
    null as service,
    null as source,
    state.problem as why,
    1 as count,
    1 as total
from catalog_state as state
where state.problem is not null;
