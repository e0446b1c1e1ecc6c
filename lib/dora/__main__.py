"""The command line: `dora COMMAND`, or `python -m dora COMMAND`; without a command, what there is."""

from __future__ import annotations

import sys

from dora.commands.command_line import main

if __name__ == "__main__":
    sys.exit(main())
