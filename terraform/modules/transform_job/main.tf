# refine: landing to silver, rules included. It reads landing, writes the warehouse, and needs no network of ours.

locals {
  log_prefix = "/aws-glue/jobs/${var.name}"
}

resource "aws_glue_job" "this" {
  # checkov:skip=CKV_AWS_195:Buckets and log groups encrypt with the platform's key; a security configuration would move the logs into groups that nobody owns
  name              = var.name
  description       = "refine: landing to silver"
  role_arn          = aws_iam_role.this.arn
  glue_version      = var.runtime.glue_version
  worker_type       = "G.1X"
  number_of_workers = var.workers
  timeout           = var.timeout_minutes
  max_retries       = 0 # Airflow tries again

  command {
    name            = "glueetl"
    script_location = var.runtime.script_uri
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = 3 # one a table
  }

  default_arguments = merge(var.runtime.arguments, {
    "--verb"                   = "refine"
    "--custom-logGroup-prefix" = local.log_prefix
  })

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["error", "output"])

  name              = "${local.log_prefix}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.lake.key_arn
}
