-- Mark a dead letter as sent again; refused after that moment, it is open again.
-- :letter_id bigint; :moment timestamptz
update dead_letters
set redriven_at = :moment::timestamptz
where dead_letter_id = :letter_id::bigint;
