-- Let the catalog's rows be those of the catalog that was loaded last.
select fill_catalog();
