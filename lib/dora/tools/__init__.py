"""What tools send: their payloads, names, webhooks and signatures."""

from __future__ import annotations
