-- A user has a name, or another one: the memberships it already has follow.
WITH named AS (
    INSERT INTO member_names (user_id, name_key)
    VALUES ($1, lower($2))
    ON CONFLICT (user_id) DO UPDATE SET name_key = excluded.name_key
), of_organizations AS (
    UPDATE organization_members SET name_key = lower($2) WHERE user_id = $1 AND name_key <> lower($2)
)
UPDATE group_members SET name_key = lower($2) WHERE user_id = $1 AND name_key <> lower($2)
