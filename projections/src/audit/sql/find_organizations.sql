SELECT id, name, display_name, icon FROM organizations WHERE id = ANY ($1)
