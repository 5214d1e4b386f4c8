# The AWS target: one VPC, one lake, three jobs, one warehouse. Values that differ between targets come from targets/aws.*,
# versions from targets/runtime.toml, rules from quality/.

locals {
  checkout   = "${path.module}/.."
  runtime    = file("${local.checkout}/targets/runtime.toml")
  target     = { for pair in regexall("(?m)^([A-Z0-9_]+)=(.*)$", file("${local.checkout}/targets/aws.env")) : pair[0] => pair[1] }
  tables_arn = "arn:aws:glue:${var.region}:${var.account_id}"
  rules      = { for file in fileset("${local.checkout}/quality", "*.dqdl") : trimsuffix(file, ".dqdl") => file("${local.checkout}/quality/${file}") }

  # What holds of a whole table at any time. Rules below the mark compare with what the run landed, or with other tables.
  catalog_rules = { for table, text in local.rules : table => "${trimsuffix(trimspace(split("# Of the run alone", text)[0]), ",")}\n]\n" }

  needs_internet = var.orchestrator == "mwaa" || var.dashboards != null
  source_dsn     = var.source_database == null ? module.source[0].dsn : var.source_database.dsn
  lake           = { bucket_arn = module.lake.bucket_arn, key_arn = module.lake.key_arn }

  # Whom each build of gold grants bi to: the dashboards' user reads it too.
  warehouse_readers = sort(setunion(var.warehouse_readers, var.dashboards[*].warehouse_user))

  source_secret = {
    arn     = var.source_database == null ? module.source[0].secret_arn : var.source_database.secret_arn
    key_arn = var.source_database == null ? module.lake.key_arn : var.source_database.key_arn
  }

  # What each job that lands may read of Secrets Manager: the secret of its own source, if that has one.
  source_secrets = merge(
    { postgres = local.source_secret },
    var.api_credentials.auth == "none" ? {} : { api = { arn = var.api_credentials.secret_arn, key_arn = var.api_credentials.key_arn } },
  )

  secret_arguments = {
    api      = { for secret in [for name, secret in local.source_secrets : secret if name == "api"] : "--api-secret-arn" => secret.arn }
    postgres = { "--source-secret-arn" = local.source_secret.arn }
  }

  beside_database = {
    account_id        = var.account_id
    region            = var.region
    subnet_id         = module.network.subnet_ids[0]
    zone              = module.network.zones[0]
    security_group_id = module.network.jobs_security_group_id
  }
}

module "lake" {
  source = "./modules/lake"

  name                    = var.name
  account_id              = var.account_id
  region                  = var.region
  on_destroy              = var.on_destroy
  landing_cold_after_days = var.landing_cold_after_days
}

module "network" {
  source = "./modules/network"

  name               = var.name
  region             = var.region
  cidr               = var.vpc_cidr
  egress             = local.needs_internet ? "nat" : "none"
  endpoint_zones     = var.endpoint_zones
  key_arn            = module.lake.key_arn
  log_retention_days = var.log_retention_days
}

module "observability" {
  source = "./modules/observability"

  name               = var.name
  account_id         = var.account_id
  key_arn            = module.lake.key_arn
  alert_email        = var.alert_email
  monthly_budget_usd = var.monthly_budget_usd
  refine_job         = "${var.name}-refine"
  log_retention_days = var.log_retention_days
}

module "source" {
  source = "./modules/postgres"
  count  = var.source_database == null ? 1 : 0

  name                     = "${var.name}-source"
  purpose                  = "The song database"
  database                 = "deftunes"
  network                  = { vpc_id = module.network.vpc_id, subnet_ids = module.network.subnet_ids }
  client_security_group_id = module.network.jobs_security_group_id
  key_arn                  = module.lake.key_arn
  alerts_topic_arn         = module.observability.topic_arn
  on_destroy               = var.on_destroy
  log_retention_days       = var.log_retention_days
}

resource "aws_vpc_security_group_egress_rule" "own_database" {
  count = var.source_database == null ? 0 : 1

  security_group_id = module.network.jobs_security_group_id
  description       = "The song database"
  cidr_ipv4         = var.source_database.cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(regex(":([0-9]+)/", var.source_database.dsn)[0])
  to_port           = tonumber(regex(":([0-9]+)/", var.source_database.dsn)[0])
}

module "extract_job" {
  source   = "./modules/glue_job"
  for_each = data.aws_iam_policy_document.land

  name               = "${var.name}-land-${each.key}"
  purpose            = "land: ${each.key} to landing"
  runtime            = local.job_runtime
  arguments          = merge({ "--verb" = "land" }, local.secret_arguments[each.key], local.demonstration_arguments[each.key])
  grants             = merge({ land = each.value.json }, { for name, policy in data.aws_iam_policy_document.source_secret : "secret" => policy.json if name == each.key })
  stand              = each.key == "postgres" ? local.beside_database : null
  lake               = local.lake
  workers            = 2 # the fewest Glue takes; landing waits for its sources
  timeout_minutes    = var.job_timeout_minutes
  log_retention_days = var.log_retention_days
}

module "transform_job" {
  source = "./modules/glue_job"

  name               = "${var.name}-refine"
  purpose            = "refine: landing to silver"
  runtime            = local.job_runtime
  arguments          = { "--verb" = "refine" }
  grants             = { refine = data.aws_iam_policy_document.refine.json }
  lake               = local.lake
  workers            = var.refine_workers
  timeout_minutes    = var.job_timeout_minutes
  log_retention_days = var.log_retention_days
}

module "gold_job" {
  source = "./modules/glue_job"

  name               = "${var.name}-build"
  purpose            = "build: gold and bi in the warehouse, beside what readers see, and published"
  runtime            = local.job_runtime
  grants             = { build = data.aws_iam_policy_document.build.json }
  stand              = local.beside_database
  lake               = local.lake
  workers            = 2 # the fewest Glue takes; the warehouse does the work
  concurrent_runs    = 1 # two builds at once would write the same tables
  timeout_minutes    = var.job_timeout_minutes
  log_retention_days = var.log_retention_days

  arguments = {
    "--verb"                 = "build"
    "--code-archive"         = "s3://${module.lake.code_bucket}/${aws_s3_object.package[local.gold_archives.code].key}"
    "--packages-archive"     = "s3://${module.lake.code_bucket}/${aws_s3_object.package[local.gold_archives.packages].key}"
    "--warehouse-host"       = module.serving.connection.host
    "--warehouse-port"       = module.serving.connection.port
    "--warehouse-database"   = module.serving.connection.database
    "--warehouse-user"       = module.serving.connection.user
    "--warehouse-secret-arn" = module.serving.connection.secret_arn
    "--warehouse-readers"    = length(local.warehouse_readers) == 0 ? "none" : join(",", local.warehouse_readers)
  }
}

resource "aws_vpc_security_group_egress_rule" "jobs_to_warehouse" {
  security_group_id            = module.network.jobs_security_group_id
  description                  = "The warehouse"
  referenced_security_group_id = module.serving.connection.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

resource "aws_vpc_security_group_ingress_rule" "warehouse_from_jobs" {
  security_group_id            = module.serving.connection.security_group_id
  description                  = "dbt in the job that builds gold"
  referenced_security_group_id = module.network.jobs_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

module "data_quality" {
  source = "./modules/data_quality"

  name             = var.name
  rules            = local.catalog_rules
  lake             = local.lake
  tables_arn       = local.tables_arn
  alerts_topic_arn = module.observability.topic_arn
}

module "maintenance" {
  source = "./modules/maintenance"

  name       = var.name
  account_id = var.account_id
  tables     = var.maintained_tables
  lake       = local.lake
  tables_arn = local.tables_arn
}

module "serving" {
  source = "./modules/serving"

  name               = var.name
  region             = var.region
  network            = { vpc_id = module.network.vpc_id, subnet_ids = module.network.subnet_ids }
  lake               = local.lake
  databases          = module.lake.databases
  tables_arn         = local.tables_arn
  base_rpu           = var.warehouse_base_rpu
  monthly_rpu_hours  = var.warehouse_monthly_rpu_hours
  log_retention_days = var.log_retention_days
}

module "schedule" {
  source = "./modules/schedule"
  count  = var.orchestrator == "step_functions" ? 1 : 0

  name       = var.name
  account_id = var.account_id
  region     = var.region
  key_arn    = module.lake.key_arn
  job_names  = local.job_names
  daily_at   = var.daily_at
}

module "orchestration" {
  source = "./modules/orchestration"
  count  = var.orchestrator == "mwaa" ? 1 : 0

  name               = var.name
  account_id         = var.account_id
  region             = var.region
  key_arn            = module.lake.key_arn
  network            = { vpc_id = module.network.vpc_id, subnet_ids = module.network.subnet_ids }
  airflow_version    = regex("(?s)\\[airflow\\]\\s+version = \"([^\"]+)\"", local.runtime)[0]
  environment_class  = var.airflow_class
  log_retention_days = var.log_retention_days
  code_bucket        = module.lake.code_bucket
  files              = local.dag_files
  requirements       = local.airflow_requirements
  job_names          = local.job_names
  runs_arn           = "${module.lake.bucket_arn}/runs"

  # The keys of the target, and what the DAGs ask for beside them.
  settings = merge(local.target_values, {
    DEFTUNES_TARGET = "aws"
    SCHEDULE_FROM   = var.schedule_from
  })

  rulesets = {
    names    = values(module.data_quality.ruleset_names)
    role_arn = module.data_quality.role_arn
  }
}

module "dashboards" {
  source = "./modules/dashboards"
  count  = var.dashboards == null ? 0 : 1

  name               = var.name
  region             = var.region
  key_arn            = module.lake.key_arn
  network            = { vpc_id = module.network.vpc_id, subnet_ids = module.network.subnet_ids }
  log_retention_days = var.log_retention_days
  image              = var.dashboards.image
  certificate_arn    = var.dashboards.certificate_arn
  reader_cidr        = var.dashboards.reader_cidr
  secret_arn         = var.dashboards.secret_arn
  warehouse          = module.serving.connection
  warehouse_user     = var.dashboards.warehouse_user
  alerts_topic_arn   = module.observability.topic_arn
  on_destroy         = var.on_destroy
}
