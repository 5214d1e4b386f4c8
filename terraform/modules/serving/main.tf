# Redshift Serverless: gold and bi in its own storage, the lake's databases through external schemas over the Glue catalog.

locals {
  admin = "deftunes_admin" # a name, no secret, though the provider calls it one
  logs  = ["connectionlog", "useractivitylog", "userlog"]
}

resource "aws_redshiftserverless_namespace" "this" {
  namespace_name = var.name
  db_name        = "deftunes"
  admin_username = local.admin
  kms_key_id     = var.lake.key_arn

  # Redshift makes the password and keeps it in Secrets Manager: neither state nor variables hold it.
  manage_admin_password            = true
  admin_password_secret_kms_key_id = var.lake.key_arn

  default_iam_role_arn = aws_iam_role.this.arn
  iam_roles            = [aws_iam_role.this.arn]
  log_exports          = local.logs

  depends_on = [aws_cloudwatch_log_group.this]
}

# Made here, because Redshift would make them without a key or an end, and leave them behind.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.logs)

  name              = "/aws/redshift/${var.name}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.lake.key_arn
}

resource "aws_redshiftserverless_workgroup" "this" {
  namespace_name      = aws_redshiftserverless_namespace.this.namespace_name
  workgroup_name      = var.name
  base_capacity       = var.base_rpu
  max_capacity        = max(8, var.base_rpu * 2)
  subnet_ids          = var.network.subnet_ids
  security_group_ids  = [aws_security_group.this.id]
  publicly_accessible = false

  # No config_parameter: GetWorkgroup answers with all of them, so the provider would plan an update for ever, which AWS then
  # refuses for changing nothing (provider issue 49939). TLS is asked for by AWS's default.
}

resource "aws_redshiftserverless_usage_limit" "month" {
  resource_arn  = aws_redshiftserverless_workgroup.this.arn
  usage_type    = "serverless-compute"
  period        = "monthly"
  amount        = var.monthly_rpu_hours
  breach_action = "deactivate"
}

# Who may connect says so itself: orchestration and dashboards add their rule to this group.
resource "aws_security_group" "this" {
  name        = "${var.name}-warehouse"
  description = "The warehouse"
  vpc_id      = var.network.vpc_id
}

# dbt names them in models/staging/_silver.yml and _ops.yml.
resource "aws_redshiftdata_statement" "external_schema" {
  for_each = var.databases

  workgroup_name = aws_redshiftserverless_workgroup.this.workgroup_name
  database       = aws_redshiftserverless_namespace.this.db_name
  secret_arn     = aws_redshiftserverless_namespace.this.admin_password_secret_arn
  sql            = <<-SQL
    create external schema if not exists ${each.key}
    from data catalog database '${each.key}' region '${var.region}'
    iam_role '${aws_iam_role.this.arn}'
  SQL

  # The catalog is asked when the schema is made.
  depends_on = [aws_iam_role_policy.this]
}
