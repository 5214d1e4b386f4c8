"""Lineage: the events that OpenLineage's own integrations send of a run, and what they say of a column."""
