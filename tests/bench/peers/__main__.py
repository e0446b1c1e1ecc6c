"""Serve a folder by parliament as it comes, but for the address: `python -m tests.bench.peers FOLDER`."""

from __future__ import annotations

import os
import sys

from parliament import server
from waitress import serve

serve(server.create(server.load(sys.argv[1])), host="127.0.0.1", port=int(os.environ["PORT"]))
