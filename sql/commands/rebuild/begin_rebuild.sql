-- Begin a rebuild: one row where it begins anew, none where one that was interrupted goes on. It
-- begins anew if asked to, if another one was interrupted, or if its rows would be made in another
-- way now.
-- :what text; :statements text, a digest of those that make its rows; :restart boolean; :log_end
-- bigint, the place in the log up to which no event can appear any more
with others as (
    delete from rebuilding.rebuilds
    where what <> :what::text
)

insert into rebuilding.rebuilds as known (what, basis, catalog_version, log_end)
select
    :what::text as what,
    concat_ws(
        ' ', :statements::text, settings, catalog.version,
        (select string_agg(words::text, ' ' order by words.word) from tier_words as words)
    ) as basis,
    catalog.version,
    :log_end::bigint as log_end
from metric_settings as settings
cross join catalog_state as catalog
on conflict (what) do update
    set
        basis = excluded.basis,
        catalog_version = excluded.catalog_version,
        log_end = excluded.log_end,
        followed_count = 0,
        started_at = now()
    where known.basis <> excluded.basis or :restart::boolean
returning true as is_anew;
