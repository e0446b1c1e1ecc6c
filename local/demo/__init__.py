"""The demo: half a year of three teams that never were, up to now.

    services        who they are: how often they deploy, how long that takes, how often it goes wrong
    working_hours   weekdays from nine to five, in which people work
    releases        what happens to a service, day after day: the same each time it is reckoned
    github, kubernetes, pagerduty   what these tools report of it
    history         all of that, in order
    sending         most of it in batches, the last working day through the front doors
    removal         all of it forgotten

All names end in demo.example, or begin with demo-, so that nothing of it is taken for anything else.
"""

from __future__ import annotations
