-- Begin a rebuild. One that was interrupted stays as it is, unless told to restart, or if its rows
-- would be made in another way now. None of one metric is begun beside one of all.
-- :what text; :statements text, a digest of those that make its rows; :restart boolean
insert into rebuilding.rebuilds as known (what, basis)
select
    :what::text as what,
    concat_ws(' ', :statements::text, settings) as basis
from metric_settings as settings
where
    :what::text = 'all'
    or not exists (
        select from rebuilding.rebuilds as other
        where other.what = 'all'
    )
on conflict (what) do update set
    basis = excluded.basis,
    seq = 0,
    done_count = 0,
    started_at = now(),
    updated_at = now()
where known.basis <> excluded.basis or :restart::boolean;
