"""Grafana's dashboard as code: `make dashboard` writes dashboards/dora.json.

queries      what is asked: short statements, for the functions of sql/staging/97 to 99 do the work
variables    what can be chosen above the panels
panels       what is seen
annotations  what happened, as marks on all charts
"""

from __future__ import annotations
