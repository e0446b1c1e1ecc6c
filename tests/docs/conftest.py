"""One stack for all pages whose commands are run."""

from __future__ import annotations

from tests.local.conftest import running, started_stack

__all__ = ["running", "started_stack"]
