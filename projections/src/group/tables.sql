CREATE TABLE groups (
    id              uuid   PRIMARY KEY,
    organization_id uuid   NOT NULL REFERENCES organizations (id),
    state           json   NOT NULL,
    member_count    bigint NOT NULL
);
CREATE UNIQUE INDEX groups_name ON groups (organization_id, (state->>'name'));

COMMENT ON TABLE groups IS 'One row per group that was not deleted. The group of everyone has its organization''s id.';
COMMENT ON COLUMN groups.id IS 'Id of the group.';
COMMENT ON COLUMN groups.organization_id IS 'The organization; its deletion ends its groups.';
COMMENT ON COLUMN groups.state IS 'What it is, as its events add up, but for its members; its name is unique in the organization, with regard to case.';
COMMENT ON COLUMN groups.member_count IS 'Rows of group_members that are not departed; 0 for the group of everyone, whose members are the organization''s.';

CREATE TABLE group_members (
    group_id uuid    NOT NULL,
    user_id  uuid    NOT NULL,
    departed boolean NOT NULL,
    name_key text    NOT NULL,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_members_name ON group_members (group_id, departed, name_key, user_id);

COMMENT ON TABLE group_members IS 'Who belongs to which group. Everyone is in the group of everyone without a row.';
COMMENT ON COLUMN group_members.group_id IS 'The group. No foreign key: groups may have many members, and their rows are deleted with it.';
COMMENT ON COLUMN group_members.user_id IS 'The member: a user of another projection, hence no foreign key.';
COMMENT ON COLUMN group_members.departed IS 'Whether the user was out of the organization when the addition was recorded, or left it without being taken out of the group: two changes at the same moment. Such a row is no membership; it is cleared when the user comes back.';
COMMENT ON COLUMN group_members.name_key IS 'The user''s name in lower case, so that a page of members by name reads no more than it shows.';
