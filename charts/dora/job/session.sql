-- Who is no superuser owns what it makes only as a member of dora_owner. PostgreSQL 15 has no such setting.
select set_config('createrole_self_grant', 'set, inherit', false)
where current_setting('server_version_num')::integer >= 160000;
