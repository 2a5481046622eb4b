INSERT INTO public.incarnation (id) VALUES (gen_random_uuid()) ON CONFLICT DO NOTHING
