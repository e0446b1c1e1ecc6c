"""What every measurement needs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from local.processes import free_port
from local.stack import Settings, Stack
from tests.bench.database import SETTINGS, Database
from tests.bench.load import Load
from tests.bench.rollouts import Rollouts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bench.sizes import Sizes


@dataclass(frozen=True)
class Bench:
    """The stack under test, its database, what sends to it, and how much is measured."""

    stack: Stack
    database: Database
    load: Load
    sizes: Sizes
    rollouts: Rollouts = field(default_factory=Rollouts)
    started: float = field(default_factory=time.monotonic)

    @classmethod
    @contextmanager
    def running(cls, folder: Path, sizes: Sizes) -> Iterator[Self]:
        """Start everything on free ports of this machine; stop it when the block ends."""
        folder.chmod(0o755)  # PostgreSQL may be another user
        ports = {name: free_port() for name in vars(Settings()) if name.endswith("_port")}
        settings = Settings(**ports, data=folder, demo=False)
        with ExitStack() as closing:
            stack = closing.enter_context(Stack(settings, _silent, SETTINGS).running())
            database = closing.enter_context(Database.connected(stack))
            load = closing.enter_context(Load.running(folder))
            yield cls(stack, database, load, sizes)

    def tell(self, line: str) -> None:
        """Show a line of progress."""
        seconds = time.monotonic() - self.started
        print(f"{seconds:5.0f} s  {line}", file=sys.stderr, flush=True)  # noqa: T201

    def rebuild(self, what: str) -> None:
        """Make a metric's tables anew, or all that is computed, as a person does."""
        settings = self.stack.functions["deployment-frequency"].environment
        command = [sys.executable, "-m", "dora", "rebuild", what]
        subprocess.run(command, env=settings, check=True, stderr=subprocess.DEVNULL)

    def machine(self) -> str:
        """Say on what this was measured."""
        version = self.database.run("show server_version")[0][0]
        return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, PostgreSQL {version}"


def _silent(_line: str) -> None:
    pass
