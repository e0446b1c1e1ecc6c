-- The open dead letters: one row per destination and reason of the newest 10,000, with the newest.
-- :most integer, rows
select
    letter.destination,
    letter.reason,
    max(letter.last_refused_at) as last_at,
    (
        array_agg(
            jsonb_build_object(
                'source', letter.ce_source, 'id', letter.ce_id, 'type', letter.ce_type
            ) order by letter.last_refused_at desc
        )
    )[1] as example,
    count(*) as count,
    count(*) over () as total
from (
    select
        newest.destination, newest.reason, newest.last_refused_at, newest.ce_source,
        newest.ce_id, newest.ce_type
    from dead_letters as newest
    where newest.is_open
    order by newest.dead_letter_id desc
    limit 10000
) as letter
group by letter.destination, letter.reason
order by count(*) desc, letter.destination, letter.reason asc
limit :most::integer;
