"""What sql/README.md promises of the files of sql/."""

from __future__ import annotations

import pytest

from dora.commands.migrate import FOLDERS
from local.postgresql import SQL


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_order_of_the_files_is_in_their_numbers(folder: str) -> None:
    numbers = [file.name.partition("_")[0] for file in sorted((SQL / folder).glob("*.sql"))]

    assert all(number.isdecimal() for number in numbers)
    assert numbers == sorted(set(numbers), key=int)
