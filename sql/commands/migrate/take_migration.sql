-- Record a schema change, :number integer and :called text; true where it has to be made.
select take_migration(:number::integer, :called::text);
