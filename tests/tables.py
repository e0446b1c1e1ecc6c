"""What the tests and the bench do to the project's tables."""

from __future__ import annotations

# Every table but those that hold settings. What a tick reads first is locked first, because a tick
# may come at any moment.
EMPTY = """do $$ begin lock table processed_events; execute (
    select 'truncate ' || string_agg(relname, ', ') from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace
    and relname not in (
        'schema_migrations', 'metric_settings', 'environment_tiers', 'performance_levels'
    )
); end $$"""
