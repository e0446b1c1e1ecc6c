"""The past of GitHub and GitLab by their APIs, as their webhooks would have sent it."""

from __future__ import annotations
