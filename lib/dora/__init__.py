"""What functions and commands share. Where is what?

The frame, which every function stands in:
    errors      what an error means for the sender: for good, or worth another try
    events      a CloudEvent as it comes: what is refused, what is kept of it
    json_text   JSON with its own text, so that what came can be kept byte for byte
    times       date-times of RFC 3339
    settings    what a deployer sets in the environment
    limits      how large a request may be
    ways        by which way an event came in, whose word holds, and what only we may set
    causes      the event that another one was made of
    tracing     the trace that an event is part of, passed on
    refused     what a Broker refuses, carried to the dead letters
    caching     answers that cost little to look at again
    function    from a handler to what a Knative Service answers
    batch       many events in one request
    together    what many requests keep at the same time, in one statement
    sink        events that go to the Broker by themselves
    context     what a handler sees of a request
    serve       the HTTP server: `python -m dora.serve FOLDER`
    successor   the same by func-python, which follows parliament; tried, not used
    clients     its connections: who is silent is dropped, who is too many sent away
    database    PostgreSQL: statements are the files in sql/
    event_log   following the log of CDEvents, as the metrics do
    timeline    what all metrics share, and their own rows, brought up to date
    rebuilding  all of that made anew, beside what is served

The wings, each of which uses the frame:
    catalog     what events cannot say of services and environments, loaded into the database
    cdevents    CDEvents: building them, and which are valid
    tools       what tools send: payloads, names, webhooks, signatures, marks
    questions   what is asked of the metrics, and what is answered
    pages       the same as browsers see it: HTML and pictures
    commands    what a person runs: `dora`, or `python -m dora`
    backfill    the past of GitHub and GitLab, by their APIs

`python -m scripts.import_picture` shows which of them imports which; there is no circle.
"""

from __future__ import annotations
