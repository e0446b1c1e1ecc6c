-- Let no metric follow the timeline that was copied: who begins to looks at all of it.
delete from rebuilding.processed_events
where consumer <> 'timeline';
