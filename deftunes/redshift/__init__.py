"""Gold in Redshift: the user that builds it, how it is built beside what readers see, and how it is published.

The Glue job `build` imports it (terraform/jobs/glue_entry.py), where there is no command line. Beside the standard
library it needs boto3, Redshift's driver and dbt, which `make aws-package` packs for that job.
"""
