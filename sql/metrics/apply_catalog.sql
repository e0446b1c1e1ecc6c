-- Let the rows of the catalog's tables be those of the catalog that was loaded last.
with filled as (
    select fill_catalog() as filled
)

update catalog_state set applied_version = version
from filled
where applied_version < version;
