"""Glue's part in a job: a definition and its arguments made into a process, as Glue 5.1 would start it."""
