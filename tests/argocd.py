"""What Argo CD notifies of, by the templates in sources/argocd."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).parents[1] / "sources" / "argocd" / "notifications.yaml"


def settings() -> dict[str, str]:
    """Return the ConfigMap's data."""
    data: dict[str, str] = yaml.safe_load(SOURCE.read_text())["data"]
    return data


def notification(what: str, app: dict[str, Any]) -> dict[str, Any]:
    """Fill in the template of what happened to an Application, as far as ours go."""

    def value(match: re.Match[str]) -> str:
        found: Any = {"app": app}
        for name in match[2].split("."):
            found = found[name]
        return json.dumps(found) if match[1] else str(found)

    template = yaml.safe_load(settings()[f"template.dora-{what}"])["webhook"]["dora"]["body"]
    event: dict[str, Any] = json.loads(re.sub(r"\{\{(toJson )?\.([\w.]+)\}\}", value, template))
    return event
