-- Which environments there are of the tiers: one row per environment.
-- :tiers text[]
select environment_id from environments
where environment_tier(environment_id) = any(:tiers::text[]);
