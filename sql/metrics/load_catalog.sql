-- Load a catalog, where it is another than the one that was loaded last.
-- :digest text; :content text, JSON of rows by table
update catalog_state set
    digest = :digest::text,
    content = :content::text::jsonb,
    version = version + (digest is distinct from :digest::text)::integer,
    loaded_at = now(),
    problem = null
where digest is distinct from :digest::text or problem is not null;
