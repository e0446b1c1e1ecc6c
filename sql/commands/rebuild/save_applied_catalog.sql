-- Remember which catalog what is computed is of.
-- :version bigint
update catalog_state set applied_version = :version::bigint;
