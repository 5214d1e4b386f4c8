# A Glue job: one verb of spark_jobs, with a role that may do what every job must, and beyond that what `grants` say.

locals {
  log_prefix = "/aws-glue/jobs/${var.name}"
  in_vpc     = var.stand == null ? 0 : 1
}

resource "aws_glue_job" "this" {
  # checkov:skip=CKV_AWS_195:Buckets and log groups encrypt with the platform's key; a security configuration would move the logs into groups that nobody owns
  name              = var.name
  description       = var.purpose
  role_arn          = aws_iam_role.this.arn
  glue_version      = var.runtime.glue_version
  worker_type       = "G.1X"
  execution_class   = "STANDARD" # AWS's default, which its answers may name: unsaid, each plan would take it away
  number_of_workers = var.workers
  timeout           = var.timeout_minutes
  max_retries       = 0 # who starts it tries again
  connections       = aws_glue_connection.this[*].name

  command {
    name            = "glueetl"
    script_location = var.runtime.script_uri
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = var.concurrent_runs
  }

  default_arguments = merge(var.runtime.arguments, var.arguments, { "--custom-logGroup-prefix" = local.log_prefix })

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_iam_role_policy.grant, aws_iam_role_policy.stand]
}

resource "aws_glue_connection" "this" {
  count = local.in_vpc

  name            = var.name
  description     = "Where in the VPC the job stands"
  connection_type = "NETWORK"

  physical_connection_requirements {
    availability_zone      = var.stand.zone
    subnet_id              = var.stand.subnet_id
    security_group_id_list = [var.stand.security_group_id]
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["error", "output"])

  name              = "${local.log_prefix}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.lake.key_arn
}
