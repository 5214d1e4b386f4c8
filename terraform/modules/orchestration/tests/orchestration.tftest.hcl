mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name       = "deftunes"
  account_id = "123456789012"
  region     = "eu-west-1"
  key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  network = {
    vpc_id     = "vpc-0"
    subnet_ids = ["subnet-0", "subnet-1", "subnet-2"]
  }
  airflow_version    = "3.3.1"
  environment_class  = "mw1.micro"
  log_retention_days = 365
  code_bucket        = "deftunes-code-123456789012"
  files              = { "include/README.md" = "README.md" }
  requirements       = "apache-airflow==3.3.1"
  settings           = { DBT_TARGET = "aws" }
  job_names          = ["deftunes-refine"]
  rulesets = {
    names    = ["deftunes-users"]
    role_arn = "arn:aws:iam::123456789012:role/deftunes-data-quality"
  }
  runs_arn = "arn:aws:s3:::deftunes-lake-123456789012/runs"
}

run "stands_in_two_private_subnets" {
  assert {
    condition     = aws_mwaa_environment.this.network_configuration[0].subnet_ids == toset(["subnet-0", "subnet-1"])
    error_message = "MWAA takes two subnets"
  }
}

run "gives_tasks_the_target_and_no_password" {
  assert {
    condition     = strcontains(aws_s3_object.startup.content, "export DBT_TARGET='aws'") && !strcontains(aws_s3_object.startup.content, "PASSWORD")
    error_message = "tasks do not know their target, or know a password: ${aws_s3_object.startup.content}"
  }
}

run "installs_what_is_locked" {
  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == "airflow/requirements.txt" && aws_s3_object.requirements.content == "apache-airflow==3.3.1"
    error_message = "MWAA installs something else into Airflow's environment"
  }
}

run "refuses_to_move_airflow" {
  command = plan

  variables {
    requirements = "apache-airflow==3.0.7"
  }

  expect_failures = [var.requirements]
}

run "uploads_what_dags_import" {
  assert {
    condition     = aws_s3_object.dag_file["include/README.md"].key == "dags/include/README.md" && aws_mwaa_environment.this.dag_s3_path == "dags/"
    error_message = "files lie outside of the DAG folder"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name               = "x"
    account_id         = "1234"
    region             = "europe"
    key_arn            = "alias/deftunes"
    network            = { vpc_id = "vpc-0", subnet_ids = ["subnet-0"] }
    airflow_version    = "2.11.0"
    environment_class  = "mw1.huge"
    log_retention_days = 30
    code_bucket        = "Code"
    files              = { "../README.md" = "README.md" }

    settings  = { REDSHIFT_PASSWORD = "hunter2" }
    job_names = []
    rulesets  = { names = ["deftunes-users"], role_arn = "deftunes" }
    runs_arn  = "runs/"
  }

  expect_failures = [
    var.name,
    var.account_id,
    var.region,
    var.key_arn,
    var.network,
    var.airflow_version,
    var.environment_class,
    var.log_retention_days,
    var.code_bucket,
    var.files,
    var.settings,
    var.job_names,
    var.rulesets,
    var.runs_arn,
  ]
}
