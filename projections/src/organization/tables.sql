CREATE TABLE organizations (
    id           uuid   PRIMARY KEY,
    profile      json   NOT NULL,
    member_count bigint NOT NULL
);

COMMENT ON TABLE organizations IS 'What groups and memberships need of the organizations, which are in the registry.';
COMMENT ON COLUMN organizations.id IS 'Id of the organization.';
COMMENT ON COLUMN organizations.profile IS 'How it presents itself.';
COMMENT ON COLUMN organizations.member_count IS 'Rows of organization_members, so that no list need count them.';

CREATE TABLE organization_members (
    organization_id uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id         uuid        NOT NULL,
    name_key        text        NOT NULL,
    roles           text[]      NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, organization_id)
);
CREATE INDEX organization_members_joined ON organization_members (organization_id, created_at, user_id);

COMMENT ON TABLE organization_members IS 'Who belongs to which organization. Removed members and deleted users have no row.';
COMMENT ON COLUMN organization_members.organization_id IS 'The organization; its deletion ends all memberships.';
COMMENT ON COLUMN organization_members.user_id IS 'The member: a user of another projection, hence no foreign key.';
COMMENT ON COLUMN organization_members.name_key IS 'The user''s name in lower case, so that a page of members by name reads no more than it shows.';
COMMENT ON COLUMN organization_members.roles IS 'Roles within the organization; the implicit member role is not listed.';
COMMENT ON COLUMN organization_members.created_at IS 'When the membership was recorded.';
COMMENT ON COLUMN organization_members.updated_at IS 'When its last change was recorded.';

CREATE TABLE member_names (
    user_id  uuid PRIMARY KEY,
    name_key text NOT NULL
);

COMMENT ON TABLE member_names IS 'The name of every user that was not deleted, for the memberships to come.';
COMMENT ON COLUMN member_names.user_id IS 'The user: of another projection, hence no foreign key.';
COMMENT ON COLUMN member_names.name_key IS 'The user''s name in lower case.';
