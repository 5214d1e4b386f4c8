mock_provider "aws" {
  source = "./mocks"
}

variables {
  account_id  = "123456789012"
  region      = "eu-west-1"
  alert_email = "data@example.com"
  api_url     = "https://api.example.com"
}

run "jobs_run_the_package_with_the_targets_settings" {
  assert {
    condition = toset(split(" --conf ", module.transform_job.arguments["--conf"])) == toset([
      for line in split("\n", replace(replace(file("../targets/aws.spark.conf"), "$${WAREHOUSE_URI}", "s3://deftunes-lake-123456789012/warehouse"), "$${S3_REGION}", "eu-west-1")) :
      replace(line, "/\\s+/", "=") if startswith(line, "spark.") && !endswith(line, " by-glue")
    ])
    error_message = "--conf is not targets/aws.spark.conf: ${module.transform_job.arguments["--conf"]}"
  }

  assert {
    condition     = can(regex("^s3://deftunes-code-123456789012/jobs/spark_jobs-[0-9a-f]{16}\\.zip,s3://deftunes-code-123456789012/jobs/weblinking-[0-9.]+zip$", module.transform_job.arguments["--extra-py-files"]))
    error_message = "the jobs do not import spark_jobs: ${module.transform_job.arguments["--extra-py-files"]}"
  }

  assert {
    condition     = module.transform_job.arguments["--datalake-formats"] == "iceberg" && !strcontains(module.transform_job.arguments["--extra-jars"], "iceberg")
    error_message = "Iceberg comes twice or not at all"
  }

  assert {
    condition = {
      for key in ["--landing-uri", "--rules-uri", "--api-url", "--source-url", "--source-user", "--max-quarantine-share"] : key => module.transform_job.arguments[key]
      } == {
      "--landing-uri"          = "s3://deftunes-lake-123456789012/landing"
      "--rules-uri"            = "s3://deftunes-code-123456789012/quality"
      "--api-url"              = "https://api.example.com"
      "--source-url"           = "jdbc:postgresql://mock.eu-west-1.rds.amazonaws.com:5432/deftunes"
      "--source-user"          = "deftunes"
      "--max-quarantine-share" = "0.05"
    }
    error_message = "arguments: ${jsonencode(module.transform_job.arguments)}"
  }

  assert {
    condition     = toset(keys(aws_s3_object.rules)) == toset([for file in fileset("../quality", "*.dqdl") : trimsuffix(file, ".dqdl")])
    error_message = "not every rule file is deployed"
  }

  assert {
    condition = alltrue([
      for table, text in local.catalog_rules : startswith(local.rules[table], trimsuffix(text, "\n]\n")) && strcontains(text, "IsPrimaryKey") && length(text) < length(local.rules[table])
    ])
    error_message = "the catalog's rulesets are not the part of the files above the mark: ${jsonencode(local.catalog_rules)}"
  }
}

run "jobs_may_only_what_their_verb_needs" {
  assert {
    condition = alltrue([
      for source, policy in data.aws_iam_policy_document.land :
      flatten([for statement in policy.statement : tolist(statement.resources)]) == ["${module.lake.bucket_arn}/landing/${source}/*", module.lake.bucket_arn]
    ])
    error_message = "a job that lands can write more than its own landing"
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.refine.statement : statement.actions == toset(["s3:GetObject"])
      if anytrue([for resource in statement.resources : strcontains(resource, "/landing/")])
    ])
    error_message = "refine can change what was delivered"
  }

  assert {
    condition     = [for source in ["api", "postgres"] : contains(keys(module.extract_job[source].arguments), "--source-secret-arn")] == [false, true]
    error_message = "the password of the database goes to the wrong job, or to none"
  }

  assert {
    condition     = keys(data.aws_iam_policy_document.source_secret) == ["postgres"] && !contains(keys(module.extract_job["api"].arguments), "--api-secret-arn")
    error_message = "a job may read a secret that its source does not have"
  }

  assert {
    condition     = [for job in concat(values(module.extract_job), [module.transform_job]) : job.arguments["--verb"]] == ["land", "land", "refine"]
    error_message = "a job runs another job's verb"
  }
}

run "small_by_default" {
  assert {
    condition     = length(module.orchestration) + length(module.dashboards) == 0 && length(module.source) == 1
    error_message = "parts that are paid by the hour are built unasked"
  }

  assert {
    condition     = output.landing_uri == "s3://deftunes-lake-123456789012/landing" && output.source_dsn == "postgresql://deftunes@mock.eu-west-1.rds.amazonaws.com:5432/deftunes" && output.dbt_target == "aws"
    error_message = "outputs are not the values of this deployment"
  }

  assert {
    condition     = [output.redshift_host, output.redshift_database, output.redshift_user] == ["mock.123456789012.eu-west-1.redshift-serverless.amazonaws.com", "deftunes", "deftunes_admin"] && startswith(output.redshift_secret_arn, "arn:aws:secretsmanager:")
    error_message = "dbt would look for the warehouse elsewhere"
  }
}

run "gives_the_api_its_credentials" {
  variables {
    api_url = "https://api.example.com/shop/v1"
    api_credentials = {
      auth       = "oauth:deftunes"
      token_url  = "https://login.example.com/token"
      secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api"
      key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/2"
    }
  }

  assert {
    condition     = module.extract_job["api"].arguments["--api-secret-arn"] == "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api" && !contains(keys(module.extract_job["postgres"].arguments), "--api-secret-arn")
    error_message = "the API's secret goes to the wrong job, or to none"
  }

  assert {
    condition = flatten([for statement in data.aws_iam_policy_document.source_secret["api"].statement : tolist(statement.resources)]) == [
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:api", "arn:aws:kms:eu-west-1:123456789012:key/2"
    ]
    error_message = "the job that asks the API may read another secret than the API's"
  }

  assert {
    condition     = [output.api_url, output.api_auth, output.api_token_url, output.api_scope] == ["https://api.example.com/shop/v1", "oauth:deftunes", "https://login.example.com/token", "none"]
    error_message = "the API would be asked otherwise than said"
  }
}

run "refuses_credentials_that_hold_the_secret" {
  command = plan

  variables {
    api_credentials = { auth = "basic:user:password" }
  }

  expect_failures = [var.api_credentials]
}

run "reads_a_database_of_ones_own" {
  variables {
    source_database = {
      dsn        = "postgresql://reader@songs.example.com:6432/catalogue?sslmode=require"
      secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:songs"
      key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/1"
      cidr       = "10.9.0.0/24"
    }
  }

  assert {
    condition     = length(module.source) == 0 && aws_vpc_security_group_egress_rule.own_database[0].from_port == 6432
    error_message = "a database is built beside the given one, or the given one cannot be reached"
  }

  assert {
    condition     = module.transform_job.arguments["--source-url"] == "jdbc:postgresql://songs.example.com:6432/catalogue?sslmode=require" && module.transform_job.arguments["--source-user"] == "reader"
    error_message = "the jobs ask another database"
  }
}

run "makes_up_the_sources_that_are_not_given" {
  variables {
    api_url       = null
    demonstration = { scale = 0.1 }
  }

  assert {
    condition     = output.api_url == "http://127.0.0.1:8000" && module.extract_job["api"].arguments["--api-url"] == "http://127.0.0.1:8000"
    error_message = "the job would ask another API than the one it starts: ${output.api_url}"
  }

  assert {
    condition = alltrue([
      for source, job in module.extract_job : can(regex("^s3://deftunes-code-123456789012/jobs/mock_api-[0-9a-f]{16}\\.zip$", job.arguments["--demo-code"])) &&
      can(regex("^s3://deftunes-code-123456789012/jobs/demo_packages-[0-9a-f]{16}\\.zip$", job.arguments["--demo-packages"])) &&
      [job.arguments["--demo-seed"], job.arguments["--demo-scale"]] == ["42", "0.1"]
    ])
    error_message = "a job that lands does not know how to make its source up"
  }

  assert {
    condition     = !contains(keys(module.transform_job.arguments), "--demo-code")
    error_message = "a job that does not land makes a source up"
  }
}

run "makes_up_no_source_that_is_given" {
  assert {
    condition     = [for source in ["api", "postgres"] : contains(keys(module.extract_job[source].arguments), "--demo-code")] == [false, true]
    error_message = "a source of one's own is made up, or the demonstration's is not"
  }
}

run "adds_airflow_and_dashboards" {
  variables {
    orchestrator  = "mwaa"
    airflow_class = "mw1.micro"
    dashboards = {
      image           = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/deftunes/superset:1"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
      reader_cidr     = "10.42.0.0/16"
      secret_arn      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader"
    }
  }

  assert {
    condition     = module.orchestration[0].environment_name == "deftunes" && length(module.dashboards) == 1
    error_message = "Airflow or the dashboards were asked for and are not there"
  }

  assert {
    condition     = tolist(local.warehouse_readers) == tolist(["dashboards"])
    error_message = "a build would leave the dashboards without bi: ${jsonencode(local.warehouse_readers)}"
  }

  assert {
    condition     = startswith(local.airflow_requirements, "apache-airflow==3.") && !strcontains(local.airflow_requirements, "psycopg2")
    error_message = "MWAA would install something else than requirements/airflow.in asks for: ${local.airflow_requirements}"
  }
}

run "schedules_the_steps_without_airflow" {
  assert {
    condition     = length(module.orchestration) == 0 && length(module.schedule) == 1
    error_message = "Airflow is paid for unasked, or nothing can start the steps"
  }
}

run "builds_gold_beside_the_warehouse" {
  assert {
    condition     = module.gold_job.arguments["--verb"] == "build" && startswith(module.gold_job.arguments["--packages-archive"], "s3://deftunes-code-")
    error_message = "gold has no job, or its job not the packages of dbt"
  }
}

run "says_so_when_the_package_is_missing" {
  command = plan

  variables {
    packages = "nowhere"
  }

  expect_failures = [aws_s3_object.package, aws_s3_object.demonstration]
}

run "refuses_parts_that_stand_in_another_region" {
  command = plan

  variables {
    source_database = {
      dsn        = "postgresql://reader@songs.example.com:6432/catalogue"
      secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:songs"
      key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/1"
      cidr       = "10.9.0.0/24"
    }
    dashboards = {
      image           = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/deftunes/superset:1"
      certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0"
      reader_cidr     = "10.42.0.0/16"
      secret_arn      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader"
    }
  }

  expect_failures = [var.source_database, var.dashboards]
}

run "refuses_bad_input" {
  command = plan

  variables {
    account_id                  = "1234"
    region                      = "cn-north-1"
    name                        = "a-name-that-is-far-too-long"
    alert_email                 = "nobody"
    monthly_budget_usd          = 0
    api_url                     = "https://user:password@api.example.com"
    demonstration               = { scale = 0 }
    vpc_cidr                    = "10.42.0.0/28"
    endpoint_zones              = 4
    refine_workers              = 1
    job_timeout_minutes         = 1
    warehouse_base_rpu          = 9
    warehouse_monthly_rpu_hours = 0
    warehouse_readers           = ["superset; drop"]
    landing_cold_after_days     = 1
    log_retention_days          = 7
    maintained_tables           = ["sessions"]
    airflow_class               = "mw1.huge"
    orchestrator                = "cron"
    daily_at                    = "25:00"
    schedule_from               = "tomorrow"
    on_destroy                  = "ask"
    packages                    = "/var"
  }

  expect_failures = [
    var.account_id,
    var.region,
    var.name,
    var.alert_email,
    var.monthly_budget_usd,
    var.api_url,
    var.demonstration,
    var.vpc_cidr,
    var.endpoint_zones,
    var.refine_workers,
    var.job_timeout_minutes,
    var.warehouse_base_rpu,
    var.warehouse_monthly_rpu_hours,
    var.landing_cold_after_days,
    var.log_retention_days,
    var.maintained_tables,
    var.warehouse_readers,
    var.airflow_class,
    var.orchestrator,
    var.daily_at,
    var.schedule_from,
    var.on_destroy,
    var.packages,
  ]
}
