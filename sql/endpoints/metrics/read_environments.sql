-- Which environments there are of the tiers: one row per environment, with its tier.
-- :tiers text[]
select
    environment_id,
    tier
from environments
cross join lateral environment_tier(environment_id) as tier
where tier = any(:tiers::text[]);
