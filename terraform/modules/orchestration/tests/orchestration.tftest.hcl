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
  dbt_lock           = "dbt-redshift==1.11.1 \\\n    --hash=sha256:00\n"
  settings           = { DBT_TARGET = "aws" }
  job_names          = ["deftunes-refine"]
  rulesets = {
    names    = ["deftunes-users"]
    role_arn = "arn:aws:iam::123456789012:role/deftunes-data-quality"
  }
  warehouse = {
    secret_arn        = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse"
    security_group_id = "sg-0"
  }
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
    condition     = strcontains(aws_s3_object.startup.content, "'s3://deftunes-code-123456789012/airflow/dbt.txt'") && aws_s3_object.dbt_lock.content == var.dbt_lock
    error_message = "dbt does not come from its lock: ${aws_s3_object.startup.content}"
  }

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
    dbt_lock           = "dbt-redshift==1.11.1\n"
    settings           = { REDSHIFT_PASSWORD = "hunter2" }
    job_names          = []
    rulesets           = { names = ["deftunes-users"], role_arn = "deftunes" }
    warehouse          = { secret_arn = "hunter2", security_group_id = "sg-0" }
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
    var.dbt_lock,
    var.settings,
    var.job_names,
    var.rulesets,
    var.warehouse,
  ]
}
