"""axe-core, which finds what keeps people from using a page: https://github.com/dequelabs/axe-core.

It comes from npm, of this version and with this checksum alone, and is kept among the caches.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
SERIOUS = ("serious", "critical")


def source() -> str:
    """Return its source, fetched where it is not there yet.

    Raises:
        RuntimeError: what was fetched is another one.
    """
    archive = _cache() / f"axe-core-{VERSION}.tgz"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        fetch = ["npm", "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination"]
        subprocess.run([*fetch, str(archive.parent)], check=True, capture_output=True)
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != SHA512:
        raise RuntimeError(f"expected axe-core {VERSION} with the checksum {SHA512}, got {digest}")
    with tarfile.open(archive) as opened:
        found = opened.extractfile("package/axe.min.js")
        assert found
        return found.read().decode()


def _cache() -> Path:
    user = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    named = os.environ.get("DORA_CACHE") or f"{user}/dora-cloudevents"
    return Path(named).expanduser()
