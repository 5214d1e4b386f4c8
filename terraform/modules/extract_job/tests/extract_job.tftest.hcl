mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name        = "deftunes-land-api"
  source_name = "api"
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
  workers            = 2
  timeout_minutes    = 60
  log_retention_days = 365
}

run "asks_the_internet_from_outside_the_vpc" {
  assert {
    condition     = length(aws_glue_connection.this) == 0 && length(aws_iam_role_policy.database) == 0
    error_message = "a job without a database stands in the VPC or can read a password"
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--verb"] == "land" && aws_glue_job.this.default_arguments["--landing-uri"] == "s3://lake/landing"
    error_message = "the job does not get its verb or the arguments of all jobs"
  }

  assert {
    condition     = toset([for group in aws_cloudwatch_log_group.this : group.name]) == toset([for end in ["error", "output"] : "${aws_glue_job.this.default_arguments["--custom-logGroup-prefix"]}/${end}"])
    error_message = "Glue would write into log groups that are not these"
  }

  assert {
    condition     = data.aws_iam_policy_document.this.statement[0].resources == toset(["arn:aws:s3:::lake/landing/api/*"])
    error_message = "the job can write more than its own landing"
  }
}

run "asks_a_database_from_inside_the_vpc" {
  variables {
    name        = "deftunes-land-postgres"
    source_name = "postgres"
    database = {
      secret_arn        = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:source"
      secret_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
      account_id        = "123456789012"
      region            = "eu-west-1"
      subnet_id         = "subnet-0"
      zone              = "eu-west-1a"
      security_group_id = "sg-0"
    }
  }

  assert {
    condition     = aws_glue_job.this.connections == tolist(["deftunes-land-postgres"])
    error_message = "the job does not stand in the VPC"
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--source-secret-arn"] == "arn:aws:secretsmanager:eu-west-1:123456789012:secret:source"
    error_message = "the job does not know where its password is"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name        = "Deftunes Land"
    source_name = "mysql"
    runtime = {
      glue_version    = "5.1"
      script_uri      = "s3://code/jobs/glue_entry.py"
      arguments       = { "--source-password" = "secret" }
      code_bucket_arn = "arn:aws:s3:::code"
    }
    lake               = { bucket_arn = "lake", key_arn = "key" }
    workers            = 1
    timeout_minutes    = 0
    log_retention_days = 7
    database = {
      secret_arn        = "hunter2"
      secret_key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
      account_id        = "123456789012"
      region            = "eu-west-1"
      subnet_id         = "subnet-0"
      zone              = "eu-west-1a"
      security_group_id = "sg-0"
    }
  }

  expect_failures = [
    var.name,
    var.source_name,
    var.runtime,
    var.lake,
    var.workers,
    var.timeout_minutes,
    var.log_retention_days,
    var.database,
  ]
}
