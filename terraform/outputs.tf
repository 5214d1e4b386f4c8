# The keys of targets/aws.env, in lower case: `make aws-env` writes their values out. tests/contract/test_terraform_target.py holds the two together.

locals {
  # What only Terraform knows takes the place of what stands in targets/aws.env.
  target_values = merge(local.target, {
    API_URL       = local.api_url
    API_AUTH      = var.api_credentials.auth
    API_TOKEN_URL = var.api_credentials.token_url
    API_SCOPE     = var.api_credentials.scope
    SOURCE_DSN    = local.source_dsn
    LANDING_URI   = module.lake.landing_uri
    WAREHOUSE_URI = module.lake.warehouse_uri
    S3_REGION     = var.region
    CATALOG_URI   = "https://glue.${var.region}.amazonaws.com/iceberg"

    REDSHIFT_HOST       = module.serving.connection.host
    REDSHIFT_DATABASE   = module.serving.connection.database
    REDSHIFT_USER       = module.serving.connection.user
    REDSHIFT_SECRET_ARN = module.serving.connection.secret_arn

    PLATFORM_NAME = var.name
    ACCOUNT_ID    = var.account_id
    RUNS_URI      = "s3://${module.lake.bucket}/runs"
  })
}

output "postgres_port" {
  description = "No PostgreSQL on loopback."
  value       = local.target_values["POSTGRES_PORT"]
}

output "mock_api_port" {
  description = "No source API on loopback."
  value       = local.target_values["MOCK_API_PORT"]
}

output "catalog_port" {
  description = "No catalog on loopback."
  value       = local.target_values["CATALOG_PORT"]
}

output "superset_port" {
  description = "No dashboards on loopback."
  value       = local.target_values["SUPERSET_PORT"]
}

output "api_url" {
  description = "Address of the source API."
  value       = local.target_values["API_URL"]
}

output "api_auth" {
  description = "How the API is told who asks."
  value       = local.target_values["API_AUTH"]
}

output "api_token_url" {
  description = "Where OAuth gives its tokens."
  value       = local.target_values["API_TOKEN_URL"]
}

output "api_scope" {
  description = "Scope that OAuth is asked for."
  value       = local.target_values["API_SCOPE"]
}

output "source_dsn" {
  description = "Song database, without its password."
  value       = local.target_values["SOURCE_DSN"]
}

output "landing_uri" {
  description = "Folder of the landing layer."
  value       = local.target_values["LANDING_URI"]
}

output "warehouse_uri" {
  description = "Folder of the Iceberg tables."
  value       = local.target_values["WAREHOUSE_URI"]
}

output "catalog_uri" {
  description = "Glue's Iceberg REST endpoint, for clients other than Spark."
  value       = local.target_values["CATALOG_URI"]
}

output "s3_endpoint" {
  description = "Amazon's own S3; its clients find it by region."
  value       = local.target_values["S3_ENDPOINT"]
}

output "s3_region" {
  description = "Region of the object store."
  value       = local.target_values["S3_REGION"]
}

output "dq_engine" {
  description = "Who evaluates the rules in the jobs."
  value       = local.target_values["DQ_ENGINE"]
}

output "max_quarantine_share" {
  description = "Share of a window's rows, 0 to 1, that may be quarantined."
  value       = local.target_values["MAX_QUARANTINE_SHARE"]
}

output "dbt_target" {
  description = "Target of dbt/profiles.yml."
  value       = local.target_values["DBT_TARGET"]
}

output "warehouse_path" {
  description = "No DuckDB file: Redshift is the warehouse."
  value       = local.target_values["WAREHOUSE_PATH"]
}

output "serving_path" {
  description = "No DuckDB file: dashboards read Redshift."
  value       = local.target_values["SERVING_PATH"]
}

output "redshift_host" {
  description = "Address of the warehouse, which answers inside the VPC."
  value       = local.target_values["REDSHIFT_HOST"]
}

output "redshift_database" {
  description = "Database of the warehouse."
  value       = local.target_values["REDSHIFT_DATABASE"]
}

output "redshift_user" {
  description = "User that dbt is in the warehouse."
  value       = local.target_values["REDSHIFT_USER"]
}

output "redshift_secret_arn" {
  description = "ARN of the secret with that user's password. The password itself is in no output."
  value       = local.target_values["REDSHIFT_SECRET_ARN"]
}

output "platform_name" {
  description = "What the names of all that was made begin with."
  value       = local.target_values["PLATFORM_NAME"]
}

output "account_id" {
  description = "The account it was made in."
  value       = local.target_values["ACCOUNT_ID"]
}

output "runs_uri" {
  description = "Folder in which jobs leave their summaries."
  value       = local.target_values["RUNS_URI"]
}
