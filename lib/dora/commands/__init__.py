"""What a person runs: `dora COMMAND`; each command is a module here, `command_line` has the table."""

from __future__ import annotations
