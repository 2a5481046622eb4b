-- Users have a name, or another one: the memberships they already have follow.
WITH incoming AS (
    SELECT i.user_id, lower(i.username) AS name_key FROM unnest($1::uuid[], $2::text[]) AS i (user_id, username)
), named AS (
    INSERT INTO member_names (user_id, name_key)
    SELECT user_id, name_key FROM incoming
    ON CONFLICT (user_id) DO UPDATE SET name_key = excluded.name_key
), of_organizations AS (
    UPDATE organization_members AS m SET name_key = i.name_key
    FROM incoming AS i
    WHERE m.user_id = i.user_id AND m.name_key <> i.name_key
)
UPDATE group_members AS m SET name_key = i.name_key
FROM incoming AS i
WHERE m.user_id = i.user_id AND m.name_key <> i.name_key
