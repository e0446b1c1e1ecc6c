-- Remember how far a rebuild is.
-- :what text; :seq bigint; :done bigint, events and deployments
update rebuilding.rebuilds
set
    seq = :seq::bigint,
    done_count = :done::bigint,
    updated_at = now()
where what = :what::text;
