"""What sql/README.md promises of the files of sql/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dora.commands.migrate import FOLDERS
from local.postgresql import SQL, schema_files
from tests.conftest import Database

PAGE = (SQL / "README.md").read_text()
FILES = schema_files()
OURS = "in ('public'::regnamespace, 'rebuilding'::regnamespace)"
RELATIONS = f"""select relname from pg_class
where relkind::text = :kind and relnamespace {OURS}"""
UNDESCRIBED = f"""select relname from pg_class
where relkind in ('r', 'v') and relnamespace {OURS}
and obj_description(oid, 'pg_class') is null"""
# take_migration is of the files that come before all that the page is about.
DESCRIBED = f"""select proname from pg_proc
where pronamespace {OURS} and obj_description(oid, 'pg_proc') is not null
and proname <> 'take_migration'"""


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_order_of_the_files_is_in_their_numbers(folder: str) -> None:
    numbers = [file.name.partition("_")[0] for file in sorted((SQL / folder).glob("*.sql"))]

    assert all(number.isdecimal() for number in numbers)
    assert numbers == sorted(set(numbers), key=int)


def test_no_table_waits_with_its_vacuum_until_a_fifth_of_it_is_new(database: Database) -> None:
    late = database.rows(
        """select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
        and not coalesce(reloptions, '{}') @> '{autovacuum_vacuum_insert_scale_factor=0.02}'"""
    )

    assert late == []


def test_each_table_is_on_the_page_with_what_it_has(database: Database) -> None:
    rows = re.findall(r"^\| `(\w+)` \| \S", PAGE.partition("## Tables")[2], re.MULTILINE)

    assert sorted(rows) == _names(database, "r")


def test_each_view_is_on_the_page_and_each_function_on_it_is_described(database: Database) -> None:
    listed = re.findall(r"`(\w+)`", PAGE.partition("## Views and functions")[2])
    views, functions = _names(database, "v"), [name for [name] in database.rows(DESCRIBED)]

    assert sorted(listed) == sorted([*views, *functions])


def test_what_the_page_speaks_of_is_there(database: Database) -> None:
    known = {*_names(database, "r"), *_names(database, "v")}
    known |= {name for [name] in database.rows("select proname from pg_proc")}
    way = PAGE.partition("## The way of one deployment")[2].partition("## Tables")[0]

    assert set(re.findall(r"`(\w+)`", way)) - known == {"timeline", "rebuilding"} - known
    assert all(any(SQL.rglob(file)) for file in re.findall(r"`([\w*]+\.sql)`", PAGE))


def test_each_table_and_view_is_described(database: Database) -> None:
    assert database.rows(UNDESCRIBED) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_function_has_a_comment_of_its_own(file: Path) -> None:
    before = re.findall(r"(.*)\ncreate or replace function (\w+)", file.read_text())

    assert [name for line, name in before if not line.startswith("--")] == []


def _names(database: Database, kind: str) -> list[str]:
    return sorted(name for [name] in database.rows(RELATIONS, kind=kind))
