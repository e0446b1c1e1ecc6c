-- Octets that percent-encoded characters mean, as text; as it is where they make no UTF-8.
create or replace function decoded_octets(encoded text) returns text
language plpgsql immutable strict as $$
begin
    return (
        select convert_from(string_agg(
            case
                when part[1] ~ '^%[0-9a-fA-F]{2}$' then decode(substr(part[1], 2), 'hex')
                else convert_to(part[1], 'UTF8')
            end, ''
        ), 'UTF8')
        from regexp_matches(encoded, '%[0-9a-fA-F]{2}|[^%]+|%', 'g') as part
    );
exception when character_not_in_repertoire or untranslatable_character then
    return encoded;
end
$$;

-- Text with its percent-encoded characters decoded; most has none, and needs no other function.
create or replace function percent_decoded(encoded text) returns text
language sql immutable strict as $$
    select case
        when strpos(percent_decoded.encoded, '%') = 0 then percent_decoded.encoded
        else decoded_octets(percent_decoded.encoded)
    end
$$;

-- A package URL in canonical form: decoded, its qualifiers sorted, the repository of Docker Hub's
-- own images left out. What is no package URL is as it is.
create or replace function canonical_artifact(purl text) returns text
language sql immutable strict as $$
    select case
        when canonical_artifact.purl !~ '^pkg:' then canonical_artifact.purl
        else percent_decoded(split_part(canonical_artifact.purl, '?', 1)) || coalesce((
            select '?' || string_agg(
                lower(known.name) || '=' || known.value, '&' order by lower(known.name) collate "C"
            )
            from (
                select split_part(qualifier, '=', 1) as name,
                percent_decoded(substr(qualifier, strpos(qualifier, '=') + 1)) as value
                from string_to_table(substr(
                    canonical_artifact.purl, nullif(strpos(canonical_artifact.purl, '?'), 0) + 1
                ), '&') as qualifier
                where strpos(qualifier, '=') > 1
            ) as known
            where
                known.value <> ''
                and not (
                    lower(known.name) = 'repository_url'
                    and known.value ~ '^docker[.]io/library/[^/]+$'
                )
        ), '')
    end
$$;

-- The digest in a package URL of canonical form, or null.
create or replace function artifact_digest(artifact text) returns text
language sql immutable strict as $$
    select lower(substring(artifact_digest.artifact from '^pkg:[^?]*@(sha[0-9]+:[0-9a-fA-F]+)'))
$$;

-- Repository and tag in a package URL of canonical form of an image, or null.
create or replace function artifact_tag_key(artifact text) returns text
language sql immutable strict as $$
    select coalesce(
        substring(artifact_tag_key.artifact from '[?&]repository_url=([^&]+)'),
        substring(artifact_tag_key.artifact from '^pkg:oci/([^@?]+)')
    ) || ':' || substring(artifact_tag_key.artifact from '[?&]tag=([^&]+)')
    where artifact_tag_key.artifact ~ '^pkg:oci/'
$$;
