SELECT version, checksum FROM public._sqlx_migrations WHERE success
