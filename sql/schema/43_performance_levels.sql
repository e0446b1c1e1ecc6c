-- From which value on a metric is of which level: one row per metric and level; the first that
-- holds, in the order of rank, decides. From the report of 2023, whose levels are in one order for
-- every metric; it knows none for the deployment rework rate.
-- https://dora.dev/research/2023/dora-report/
create table if not exists performance_levels (
    metric text not null,
    level text not null check (level in ('elite', 'high', 'medium', 'low')),
    rank integer not null,
    comparison text not null check (comparison in ('>=', '<', '<=')),
    bound double precision not null,
    report_year integer not null,
    primary key (metric, level)
);

alter table performance_levels add column if not exists word text;

insert into performance_levels (metric, level, rank, comparison, bound, report_year)
select * from (
    values
    ('deployment-frequency', 'elite', 1, '>=', 1.0, 2023),
    ('deployment-frequency', 'high', 2, '>=', 1 / 7.0, 2023),
    ('deployment-frequency', 'medium', 3, '>=', 1 / 30.0, 2023),
    ('deployment-frequency', 'low', 4, '>=', 0.0, 2023),
    ('lead-time-for-changes', 'elite', 1, '<', 86400.0, 2023),
    ('lead-time-for-changes', 'high', 2, '<', 7 * 86400.0, 2023),
    ('lead-time-for-changes', 'medium', 3, '<', 30 * 86400.0, 2023),
    ('lead-time-for-changes', 'low', 4, '<', 'infinity', 2023),
    ('change-failure-rate', 'elite', 1, '<=', 0.05, 2023),
    ('change-failure-rate', 'high', 2, '<=', 0.10, 2023),
    ('change-failure-rate', 'medium', 3, '<=', 0.15, 2023),
    ('change-failure-rate', 'low', 4, '<=', 1.0, 2023),
    ('failed-deployment-recovery-time', 'elite', 1, '<', 3600.0, 2023),
    ('failed-deployment-recovery-time', 'high', 2, '<', 86400.0, 2023),
    ('failed-deployment-recovery-time', 'medium', 3, '<', 7 * 86400.0, 2023),
    ('failed-deployment-recovery-time', 'low', 4, '<', 'infinity', 2023)
) as report (metric, level, rank, comparison, bound, report_year)
where not exists (select from performance_levels);

-- Where nobody has words of their own.
update performance_levels set word = standard.word
from (
    values
    ('elite', 'daily or more'), ('high', 'weekly'), ('medium', 'monthly'), ('low', 'less')
) as standard (level, word)
where
    performance_levels.metric = 'deployment-frequency'
    and performance_levels.level = standard.level
    and not exists (
        select from performance_levels as known
        where known.word is not null
    );

comment on table performance_levels is 'From which value on a metric is of which level.';
comment on column performance_levels.bound is
'Deployments a day, seconds, or a ratio from 0 to 1.';
comment on column performance_levels.word is
'What a frequency of this level is called; null where it has no other name.';
comment on column performance_levels.report_year is 'The DORA report that it is taken from.';

alter table performance_levels owner to dora_owner;
grant select on performance_levels to dora_metrics, dora_reader;
