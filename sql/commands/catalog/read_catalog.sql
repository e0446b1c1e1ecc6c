-- The catalog that was loaded last as rows by table, when that was, whether it is applied: one row.
select
    content,
    loaded_at,
    version,
    applied_version,
    problem
from catalog_state;
