-- One row: how many dead letters are open.
select count(*) as letters from dead_letters as letter
where letter.is_open;
