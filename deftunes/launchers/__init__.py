"""Launchers: what starts a step on a target, and says when it is done.

The command line and Airflow's operators both call them: the warm Spark worker (deftunes/run/worker_client.py) where the
services run here or in containers, Glue by boto3 on AWS. What is in this folder needs boto3 and the standard library
only, for Airflow and MWAA import it too.
"""
