-- One row: how many open dead letters there are, and the newest of them.
-- :from, :to timestamptz, :type text (prefix), :reason, :destination text (like), each or null
select
    count(*) as letters,
    coalesce(max(letter.dead_letter_id), 0) as until_letter_id
from dead_letters as letter
where
    letter.is_open
    and letter.last_refused_at >= coalesce(:from::timestamptz, '-infinity')
    and letter.last_refused_at < coalesce(:to::timestamptz, 'infinity')
    and starts_with(letter.ce_type, coalesce(:type::text, ''))
    and letter.reason like coalesce(:reason::text, '%')
    and letter.destination like coalesce(:destination::text, '%');
