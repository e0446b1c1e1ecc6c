-- The alert that an incident is of; null where it is of none.
create or replace function alert_of(source text, id text) returns text
language sql stable as $$
    select min(event.alert) from incident_events as event
    where event.cd_source = alert_of.source and event.incident_id = alert_of.id
$$;

-- Whether what was detected then goes on: another incident of its alert was detected before it, at
-- most a day, and the alert was not resolved since.
create or replace function is_continued(source text, id text, detected_at timestamptz)
returns boolean
language sql stable as $$
    select exists (
        select from incident_events as earlier
        where
            earlier.cd_source = is_continued.source
            and earlier.alert = alert_of(is_continued.source, is_continued.id)
            and earlier.predicate = 'detected'
            and earlier.incident_id <> is_continued.id
            and earlier.happened_at >= is_continued.detected_at - interval '24 hours'
            and (earlier.happened_at, earlier.incident_id)
            < (is_continued.detected_at, is_continued.id)
            and not exists (
                select from incident_events as resolution
                where
                    (resolution.cd_source, resolution.alert) = (earlier.cd_source, earlier.alert)
                    and resolution.predicate = 'resolved'
                    and resolution.happened_at
                    between earlier.happened_at and is_continued.detected_at
            )
    )
$$;

-- The incidents of an alert that something of it at a moment may change: those that may have been
-- open then, and those that may be a part of them.
create or replace function incidents_of_alert(source text, alert text, moment timestamptz)
returns setof text
language sql stable as $$
    select distinct event.incident_id from incident_events as event
    where
        (event.cd_source, event.alert) = (incidents_of_alert.source, incidents_of_alert.alert)
        and event.predicate in ('detected', 'reported')
        and event.happened_at <= incidents_of_alert.moment + interval '24 hours'
        and event.happened_at >= coalesce((
            select max(resolution.happened_at) from incident_events as resolution
            where
                resolution.cd_source = incidents_of_alert.source
                and resolution.alert = incidents_of_alert.alert
                and resolution.predicate = 'resolved'
                and resolution.happened_at < incidents_of_alert.moment
        ), '-infinity')
$$;
