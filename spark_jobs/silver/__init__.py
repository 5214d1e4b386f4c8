"""Silver: pure functions from landed records to typed rows. They import pyspark only.

Each takes a frame of landed records with the columns file, position, ingest_on, record and error:
why record is null, the text being no JSON object that can be read. It returns the silver columns plus
file, position and `reasons`: why the row must not enter silver, an empty array for a good row.
"""
