-- From the environment, so that no password is in a file or among a process's arguments. Each role
-- that there is gets its own.
\getenv writer WRITER_PASSWORD
\getenv metrics METRICS_PASSWORD
\getenv reader READER_PASSWORD
\getenv dashboards DASHBOARDS_PASSWORD
select format('alter role %I password %L', known.rolname, wanted.password)
from pg_roles as known
inner join (
    values
    ('dora_writer', :'writer'),
    ('dora_metrics', :'metrics'),
    ('dora_reader', :'reader'),
    ('dora_dashboards', :'dashboards')
) as wanted (role, password) on known.rolname = wanted.role
\gexec
