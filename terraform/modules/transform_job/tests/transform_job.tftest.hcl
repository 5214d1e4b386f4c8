mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name = "deftunes-refine"
  runtime = {
    glue_version    = "5.1"
    script_uri      = "s3://code/jobs/glue_entry.py"
    arguments       = { "--landing-uri" = "s3://lake/landing" }
    code_bucket_arn = "arn:aws:s3:::code"
  }
  lake = {
    bucket_arn = "arn:aws:s3:::lake"
    key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  }
  tables_arn         = "arn:aws:glue:eu-west-1:123456789012"
  workers            = 4
  timeout_minutes    = 60
  log_retention_days = 365
}

run "refines_with_the_arguments_of_all_jobs" {
  assert {
    condition     = aws_glue_job.this.default_arguments["--verb"] == "refine" && aws_glue_job.this.default_arguments["--landing-uri"] == "s3://lake/landing"
    error_message = "the job does not get its verb or the arguments of all jobs"
  }

  assert {
    condition     = aws_glue_job.this.glue_version == "5.1" && aws_glue_job.this.worker_type == "G.1X" && aws_glue_job.this.number_of_workers == 4
    error_message = "the job runs on something else than it was told"
  }
}

run "changes_nothing_in_landing" {
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.this.statement : statement.actions == toset(["s3:GetObject"])
      if anytrue([for resource in statement.resources : strcontains(resource, "/landing/")])
    ])
    error_message = "refine can change what was delivered"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name = "Deftunes Refine"
    runtime = {
      glue_version    = "5.1"
      script_uri      = "s3://code/jobs/glue_entry.py"
      arguments       = { "verb" = "refine" }
      code_bucket_arn = "arn:aws:s3:::code"
    }
    lake               = { bucket_arn = "lake", key_arn = "key" }
    tables_arn         = "arn:aws:glue"
    workers            = 51
    timeout_minutes    = 2000
    log_retention_days = 7
  }

  expect_failures = [
    var.name,
    var.runtime,
    var.lake,
    var.tables_arn,
    var.workers,
    var.timeout_minutes,
    var.log_retention_days,
  ]
}
