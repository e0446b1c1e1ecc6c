-- One row per destination and reason: how many open dead letters, most first.
-- :from, :to timestamptz, :type text (prefix), :reason, :destination text (like), each or null
select
    count(*) as letters,
    letter.destination,
    letter.reason
from dead_letters as letter
where
    letter.is_open
    and letter.last_refused_at >= coalesce(:from::timestamptz, '-infinity')
    and letter.last_refused_at < coalesce(:to::timestamptz, 'infinity')
    and starts_with(letter.ce_type, coalesce(:type::text, ''))
    and letter.reason like coalesce(:reason::text, '%')
    and letter.destination like coalesce(:destination::text, '%')
group by letter.destination, letter.reason
order by letters desc, letter.destination asc, letter.reason asc;
