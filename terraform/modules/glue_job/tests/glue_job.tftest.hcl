mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "deftunes-land-api"
  purpose = "land: api to landing"
  runtime = {
    glue_version    = "5.1"
    script_uri      = "s3://code/jobs/glue_entry.py"
    arguments       = { "--landing-uri" = "s3://lake/landing" }
    code_bucket_arn = "arn:aws:s3:::code"
  }
  arguments = { "--verb" = "land" }
  grants    = { land = "{\"Version\":\"2012-10-17\"}" }
  lake = {
    bucket_arn = "arn:aws:s3:::lake"
    key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  }
  workers            = 2
  timeout_minutes    = 60
  log_retention_days = 365
}

run "runs_its_verb_with_the_arguments_of_all_jobs" {
  assert {
    condition     = aws_glue_job.this.default_arguments["--verb"] == "land" && aws_glue_job.this.default_arguments["--landing-uri"] == "s3://lake/landing"
    error_message = "the job does not get its verb or the arguments of all jobs"
  }

  assert {
    condition     = aws_glue_job.this.glue_version == "5.1" && aws_glue_job.this.worker_type == "G.1X" && aws_glue_job.this.number_of_workers == 2
    error_message = "the job runs on something else than it was told"
  }

  assert {
    condition     = toset([for group in aws_cloudwatch_log_group.this : group.name]) == toset([for end in ["error", "output"] : "${aws_glue_job.this.default_arguments["--custom-logGroup-prefix"]}/${end}"])
    error_message = "Glue would write into log groups that are not these"
  }
}

run "may_what_it_is_granted_and_no_more" {
  assert {
    condition     = jsonencode({ for name, policy in aws_iam_role_policy.grant : name => policy.policy }) == jsonencode(var.grants)
    error_message = "the role's own policies are not the grants"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.this.statement : statement.actions])) == toset([
      "s3:GetObject", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents",
    ])
    error_message = "every job may do more than read its code, leave its summary, use the key and write its log"
  }
}

run "stands_outside_the_vpc_unless_told" {
  assert {
    condition     = length(aws_glue_connection.this) == 0 && length(aws_iam_role_policy.stand) == 0
    error_message = "a job that asks the internet stands in the VPC"
  }
}

run "stands_where_it_is_told" {
  variables {
    name = "deftunes-land-postgres"
    stand = {
      account_id        = "123456789012"
      region            = "eu-west-1"
      subnet_id         = "subnet-0"
      zone              = "eu-west-1a"
      security_group_id = "sg-0"
    }
  }

  assert {
    condition     = aws_glue_job.this.connections == tolist(["deftunes-land-postgres"]) && length(aws_iam_role_policy.stand) == 1
    error_message = "the job does not stand in the VPC, or may make no interface there"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name    = "Deftunes Land"
    purpose = "land"
    runtime = {
      glue_version    = "5.1"
      script_uri      = "s3://code/jobs/glue_entry.py"
      arguments       = { "--source-password" = "secret" }
      code_bucket_arn = "arn:aws:s3:::code"
    }
    arguments          = { "--verb" = "drop" }
    grants             = {}
    lake               = { bucket_arn = "lake", key_arn = "key" }
    workers            = 1
    concurrent_runs    = 0
    timeout_minutes    = 0
    log_retention_days = 7
    stand = {
      account_id        = "123456789012"
      region            = "eu-west-1"
      subnet_id         = "subnet-0"
      zone              = "us-east-1a"
      security_group_id = "sg-0"
    }
  }

  expect_failures = [
    var.name,
    var.purpose,
    var.runtime,
    var.arguments,
    var.grants,
    var.lake,
    var.workers,
    var.concurrent_runs,
    var.timeout_minutes,
    var.log_retention_days,
    var.stand,
  ]
}
