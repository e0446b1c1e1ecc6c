from __future__ import annotations

import pytest

from tests.chart.chart import Chart, copied


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    """The complete chart."""
    return copied(tmp_path_factory.mktemp("chart"))
