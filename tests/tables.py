"""What the tests and the bench do to the project's tables."""

from __future__ import annotations

# Every table but those that hold settings or the catalog. What a tick reads first is locked first,
# because a tick may come at any moment. To delete few rows leaves plans as they are, which are made
# anew of a table that was truncated.
_EMPTY_BUT = """do $$ declare known regclass; begin
lock table processed_events;
set local session_replication_role = replica;
for known in
    select oid from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace
    and not starts_with(relname, 'catalog_')
    and relname not in (%s)
loop
    if pg_relation_size(known) > 1000000 then
        execute 'truncate ' || known;
    else
        execute 'delete from ' || known;
    end if;
end loop; end $$"""
_SETTINGS = ("schema_migrations", "metric_settings", "tier_words", "performance_levels")


def _empty_but(*kept: str) -> str:
    return _EMPTY_BUT % ", ".join(f"'{table}'" for table in kept)


EMPTY = _empty_but(*_SETTINGS)
FORGET_CATALOG = """update catalog_state set
    digest = null, content = null, version = 0, applied_version = 0, loaded_at = null, problem = null
where version > 0 or problem is not null returning true"""
# What is left is what a replay starts from.
EMPTY_BUT_RECEIVED = _empty_but("cloudevents_raw", *_SETTINGS)
