output "landing_uri" {
  description = "Address of the landing layer."
  value       = "s3://${module.data.name}/landing"
}

output "warehouse_uri" {
  description = "Address of the Iceberg tables."
  value       = "s3://${module.data.name}/warehouse"
}

output "bucket" {
  description = "Name of the bucket that holds landing and warehouse."
  value       = module.data.name
}

output "bucket_arn" {
  description = "ARN of the bucket that holds landing and warehouse."
  value       = module.data.arn
}

output "databases" {
  description = "Names of the databases of the Glue catalog."
  value       = toset([for database in aws_glue_catalog_database.this : database.name])
}

output "code_bucket" {
  description = "Name of the bucket that holds what runs: jobs, rules, DAGs."
  value       = module.code.name
}

output "code_bucket_arn" {
  description = "ARN of the bucket that holds what runs."
  value       = module.code.arn
}

output "key_arn" {
  description = "ARN of the key that encrypts all of it."
  value       = aws_kms_key.this.arn
}
