-- Remember how far a rebuild is.
-- :metric text; :seq bigint; :done bigint, events
update rebuilding.rebuilds
set
    seq = :seq::bigint,
    done_count = :done::bigint,
    updated_at = now()
where metric = :metric::text;
