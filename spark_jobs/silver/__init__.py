"""Silver: pure functions from landed records to typed rows. They import pyspark only.

Each takes a frame of landed records with the columns file, position, ingest_on and record, and
returns the silver columns plus file, position and `reasons`: why the row must not enter silver, an
empty array for a good row.
"""
