-- The next open dead letters, each in CloudEvents JSON format to the letter, the oldest first.
-- :after, :until bigint; :size integer, letters
-- :from, :to timestamptz, :type text (prefix), :reason, :destination text (like), each or null
select
    letter.dead_letter_id,
    letter.content::text as content
from dead_letters as letter
where
    letter.dead_letter_id > :after::bigint
    and letter.dead_letter_id <= :until::bigint
    and letter.is_open
    and letter.last_refused_at >= coalesce(:from::timestamptz, '-infinity')
    and letter.last_refused_at < coalesce(:to::timestamptz, 'infinity')
    and starts_with(letter.ce_type, coalesce(:type::text, ''))
    and letter.reason like coalesce(:reason::text, '%')
    and letter.destination like coalesce(:destination::text, '%')
order by letter.dead_letter_id
limit :size::integer;
