"""The rehearsal: the aws target, run end to end against emulated AWS on this machine.

moto answers for Glue, IAM and the other services, MinIO holds S3's data, a front over PostgreSQL stands
for Redshift. terraform/ is applied to them as it is; what it made is what runs. Nothing of this is
imported by the product.
"""
