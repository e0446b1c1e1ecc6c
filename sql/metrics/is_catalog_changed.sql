-- One row: whether what is computed is of another catalog than the one that was loaded last.
select version > applied_version from catalog_state;
