mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name       = "deftunes"
  region     = "eu-west-1"
  tables_arn = "arn:aws:glue:eu-west-1:123456789012"
  network = {
    vpc_id     = "vpc-0"
    subnet_ids = ["subnet-0", "subnet-1", "subnet-2"]
  }
  lake = {
    bucket_arn = "arn:aws:s3:::lake"
    key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  }
  databases          = ["deftunes_ops", "deftunes_silver"]
  base_rpu           = 8
  monthly_rpu_hours  = 60
  log_retention_days = 365
}

run "is_private_and_leaves_parameters_to_aws" {
  assert {
    condition     = !aws_redshiftserverless_workgroup.this.publicly_accessible
    error_message = "the warehouse is public"
  }

  assert {
    condition     = length(aws_redshiftserverless_workgroup.this.config_parameter) == 0
    error_message = "a second apply would try to change parameters that AWS has set, and end in an error"
  }
}

run "keeps_no_password_in_state" {
  assert {
    condition     = aws_redshiftserverless_namespace.this.manage_admin_password && aws_redshiftserverless_namespace.this.admin_user_password == null
    error_message = "Terraform knows the password"
  }
}

run "stops_at_the_limit" {
  assert {
    condition     = aws_redshiftserverless_usage_limit.month.breach_action == "deactivate" && aws_redshiftserverless_usage_limit.month.amount == 60
    error_message = "queries go on past the limit"
  }
}

run "sees_the_lake_through_the_catalog" {
  assert {
    condition = alltrue([
      for name, statement in aws_redshiftdata_statement.external_schema :
      startswith(statement.sql, "create external schema if not exists ${name}\nfrom data catalog database '${name}' region 'eu-west-1'\n")
    ]) && toset(keys(aws_redshiftdata_statement.external_schema)) == var.databases
    error_message = "an external schema is missing, or names another database: ${jsonencode(aws_redshiftdata_statement.external_schema)}"
  }

  assert {
    condition = toset(data.aws_iam_policy_document.this.statement[0].resources) == toset([
      "arn:aws:s3:::lake/warehouse/deftunes_ops/*", "arn:aws:s3:::lake/warehouse/deftunes_silver/*",
    ])
    error_message = "the warehouse reads more or less of the lake than its databases"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name               = "x"
    region             = "europe"
    tables_arn         = "arn:aws:glue"
    network            = { vpc_id = "vpc-0", subnet_ids = ["subnet-0"] }
    lake               = { bucket_arn = "lake", key_arn = "key" }
    databases          = ["Deftunes Silver"]
    base_rpu           = 9
    monthly_rpu_hours  = 0.5
    log_retention_days = 30
  }

  expect_failures = [
    var.name,
    var.region,
    var.tables_arn,
    var.network,
    var.lake,
    var.databases,
    var.base_rpu,
    var.monthly_rpu_hours,
    var.log_retention_days,
  ]
}
