"""What the functions share: answering the Broker, PostgreSQL, CDEvents, following the log."""

from __future__ import annotations
