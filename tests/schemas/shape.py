"""What a database is made of, as lines of text, so that two can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Database

# Rights are compared one by one: their order says in which they were granted.
RIGHTS = """(
    select string_agg(
        concat_ws(' ', granted.grantee::regrole, granted.privilege_type), ', '
        order by granted.grantee::regrole::text, granted.privilege_type
    ) from aclexplode({}) as granted where granted.grantee <> 0
)"""
OURS = "in ('public'::regnamespace, 'rebuilding'::regnamespace)"
PARTS = {
    "relations": f"""
        select
            relkind, oid::regclass, relowner::regrole, obj_description(oid, 'pg_class'),
            (select string_agg(option, ', ' order by option) from unnest(reloptions) as option),
            {RIGHTS.format("relacl")}
        from pg_class where relnamespace {OURS} and relkind in ('r', 'v', 'S')""",
    "columns": """
        select
            attrelid::regclass, row_number() over (partition by attrelid order by attnum), attname,
            format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
            attcollation::regcollation, pg_get_expr(adbin, adrelid),
            col_description(attrelid, attnum)
        from pg_attribute
        join pg_class on pg_class.oid = attrelid and relkind in ('r', 'v')
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attnum > 0 and not attisdropped and relnamespace """
    + OURS,
    "constraints": f"""
        select conrelid::regclass, conname, pg_get_constraintdef(oid)
        from pg_constraint where connamespace {OURS}""",
    "indexes": """
        select indexname, indexdef from pg_indexes where schemaname in ('public', 'rebuilding')""",
    "views": """
        select viewname, definition from pg_views where schemaname in ('public', 'rebuilding')""",
    "functions": f"""
        select
            oid::regprocedure, pg_get_functiondef(oid), proowner::regrole,
            obj_description(oid, 'pg_proc'), {RIGHTS.format("proacl")},
            has_function_privilege('public', oid, 'execute')
        from pg_proc where pronamespace {OURS}""",
    "triggers": """
        select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal""",
}


def shape(database: Database) -> dict[str, list[str]]:
    """Return the lines of each part."""
    return {
        part: sorted(" | ".join(map(str, row)) for row in database.rows(sql))
        for part, sql in PARTS.items()
    }
