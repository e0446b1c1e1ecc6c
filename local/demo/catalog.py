"""The demo's part of the catalog: a file beside the one that is yours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.stack import Settings

PART = Path(__file__).with_name("catalog.yaml")
EMPTY = """# What events cannot say of your services, such as which team they are of: docs/metrics.md, rule 1.
# It is read at the next event.
#
# services:
#   shop: {team: storefront, repositories: [https://github.com/acme/shop]}
"""


def add(settings: Settings) -> None:
    """Write the demo's part beside the catalog, which is made where there is none.

    Not beside one that DORA_CATALOG names elsewhere: that folder is not ours to write in.
    """
    if settings.catalog.parent == settings.data:
        if not settings.catalog.exists():
            settings.catalog.write_text(EMPTY)
        _part(settings).write_text(PART.read_text())


def remove(settings: Settings) -> None:
    """Take the demo's part away."""
    _part(settings).unlink(missing_ok=True)


def _part(settings: Settings) -> Path:
    return settings.data / "demo-catalog.yaml"
