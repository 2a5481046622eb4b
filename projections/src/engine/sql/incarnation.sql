SELECT id FROM public.incarnation
