-- Begin a rebuild. One that was interrupted stays as it is, unless told to restart, or if its rows
-- would be made in another way now.
-- :metric text; :statements text, a digest of those that make its rows; :restart boolean
insert into rebuilding.rebuilds as known (metric, basis)
select
    :metric::text as metric,
    concat_ws(' ', :statements::text, settings) as basis
from metric_settings as settings
on conflict (metric) do update set
    basis = excluded.basis,
    seq = 0,
    done_count = 0,
    started_at = now(),
    updated_at = now()
where known.basis <> excluded.basis or :restart::boolean;
