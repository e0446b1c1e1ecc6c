-- Note that a metric cannot be computed of a deployment.
-- :metric, :source, :id, :reason text
select quarantine(:metric::text, :source::text, :id::text, :reason::text);
