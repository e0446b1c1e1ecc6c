"""Settings of a function, read from its environment."""

from __future__ import annotations

import os


def setting(name: str, default: str = "") -> str:
    """Return a setting, the default where it is not set or empty."""
    return os.environ.get(name) or default


def settings(name: str, default: str = "") -> list[str]:
    """Return a setting that is a list, separated by commas; one that is set and empty is empty."""
    return [entry.strip() for entry in os.environ.get(name, default).split(",") if entry.strip()]


def incident_labels() -> list[str]:
    """Return the labels that make an issue an incident: INCIDENT_LABELS, else `incident`."""
    return settings("INCIDENT_LABELS", "incident")


def incident_environment() -> str:
    """Return where incidents happen whose labels do not say: INCIDENT_ENVIRONMENT, else production."""
    return setting("INCIDENT_ENVIRONMENT", "production")


def incident_service() -> str | None:
    """Return which service incidents are of whose labels do not say: INCIDENT_SERVICE, if set."""
    return setting("INCIDENT_SERVICE") or None
