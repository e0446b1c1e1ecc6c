-- Keep why the catalog that was found could not be read; what was loaded before stays.
-- :problem text
update catalog_state set problem = :problem::text
where problem is distinct from :problem::text;
