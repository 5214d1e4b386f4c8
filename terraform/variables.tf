variable "account_id" {
  type        = string
  description = "AWS account to build in, 12 digits. With credentials of another account, Terraform stops before it does anything."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits: aws sts get-caller-identity says yours."
  }
}

variable "region" {
  type        = string
  description = "AWS region with three availability zones and Glue, Redshift Serverless and, if used, MWAA; for example eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[1-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region must be a region of the standard partition, for example eu-west-1; China and GovCloud have other addresses."
  }
}

variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters: the shortest limit is a load balancer's, 32."
  default     = "deftunes"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter: longer ones pass AWS's limits once suffixes are added."
  }
}

variable "alert_email" {
  type        = string
  description = "Address that is told of failures and of cost. AWS asks it once to agree."

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "alert_email must be one mail address."
  }
}

variable "monthly_budget_usd" {
  type        = number
  description = "US dollars a month the whole account may cost before alert_email is told: at 80 % spent, and when the forecast is past it."
  default     = 150

  validation {
    condition     = var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd must be at least 1 US dollar."
  }
}

variable "api_url" {
  type        = string
  description = "Address of the source API, which answers on the internet: /users and /sessions are asked for below it. null lets the job that lands it make up the demonstration's."
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$", var.api_url))
    error_message = "api_url must look like https://api.example.com or https://api.example.com/v1, without a user, a password or a query: credentials are api_credentials."
  }
}

variable "api_credentials" {
  type = object({
    auth       = optional(string, "none")
    token_url  = optional(string, "none")
    scope      = optional(string, "none")
    secret_arn = optional(string, "none")
    key_arn    = optional(string, "none")
  })
  description = "How the source API is told who asks (none, bearer, header:NAME, basic:USER or oauth:CLIENT_ID), with OAuth its token endpoint and scope, and the secret (JSON with a key secret) with its KMS key."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      can(regex("^(none|bearer|header:[A-Za-z0-9_-]+|basic:[^:]+|oauth:.+)$", var.api_credentials.auth)),
      var.api_credentials.auth == "none" || startswith(var.api_credentials.secret_arn, "arn:aws:secretsmanager:${var.region}:"),
      var.api_credentials.auth == "none" || startswith(var.api_credentials.key_arn, "arn:aws:kms:${var.region}:"),
      startswith(var.api_credentials.auth, "oauth:") == startswith(var.api_credentials.token_url, "https://"),
    ])
    error_message = "api_credentials must have auth as none, bearer, header:NAME, basic:USER or oauth:CLIENT_ID, without the secret itself; unless none, the ARNs of a secret and of its key in ${var.region}, which is where the job looks; and an https token_url with oauth only."
  }
}

variable "source_database" {
  type = object({
    dsn        = string
    secret_arn = string
    key_arn    = string
    cidr       = string
  })
  description = "A song database of your own: postgresql://user@host:port/database, with ?sslmode=require if TLS must be, the secret with its password (JSON with a key password), that secret's KMS key, and the IPv4 range the database is in. null makes a small one for a demonstration, which its first landing fills."
  default     = null

  validation {
    condition = var.source_database == null || alltrue([
      can(regex("^postgresql://[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[0-9]+/[A-Za-z0-9_.-]+([?]sslmode=[a-z-]+)?$", try(var.source_database.dsn, ""))),
      startswith(try(var.source_database.secret_arn, ""), "arn:aws:secretsmanager:${var.region}:"),
      startswith(try(var.source_database.key_arn, ""), "arn:aws:kms:${var.region}:"),
      can(cidrnetmask(try(var.source_database.cidr, ""))),
    ])
    error_message = "source_database must have a dsn like postgresql://user@host:5432/database, or with ?sslmode=require behind it, without a password, the ARNs of a secret and of its key in ${var.region}, which is where the job looks, and an IPv4 range."
  }
}

variable "demonstration" {
  type        = object({ seed = optional(number, 42), scale = optional(number, 1) })
  description = "Which data the demonstration's sources make up, and how many, as --seed and --scale of `deftunes run` say it. The songs are those of the first landing."
  default     = {}
  nullable    = false

  validation {
    condition     = floor(var.demonstration.seed) == var.demonstration.seed && var.demonstration.seed >= 0 && var.demonstration.scale > 0 && var.demonstration.scale <= 100
    error_message = "demonstration must have a whole number of 0 or more as seed, and a scale above 0, up to 100."
  }
}

variable "vpc_cidr" {
  type        = string
  description = "IPv4 range of the VPC, /16 to /20. It must not overlap with networks that will be peered."
  default     = "10.42.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "vpc_cidr must be an IPv4 range of /16 to /20, for example 10.42.0.0/16."
  }
}

variable "endpoint_zones" {
  type        = number
  description = "Availability zones with an interface endpoint of each service, 1 to 3. Each is paid by the hour; more survive the loss of a zone."
  default     = 1

  validation {
    condition     = contains([1, 2, 3], var.endpoint_zones)
    error_message = "endpoint_zones must be 1, 2 or 3."
  }
}

variable "refine_workers" {
  type        = number
  description = "Most workers of a refinement (G.1X: 4 vCPU, 16 GB, 1 DPU each), 2 to 50. Glue takes away the idle ones."
  default     = 4

  validation {
    condition     = var.refine_workers >= 2 && var.refine_workers <= 50 && floor(var.refine_workers) == var.refine_workers
    error_message = "refine_workers must be a whole number, 2 to 50."
  }
}

variable "job_timeout_minutes" {
  type        = number
  description = "Minutes until a job's run is ended, 5 to 1440. A run is paid by the second until then."
  default     = 60

  validation {
    condition     = var.job_timeout_minutes >= 5 && var.job_timeout_minutes <= 1440
    error_message = "job_timeout_minutes must be 5 to 1440."
  }
}

variable "warehouse_base_rpu" {
  type        = number
  description = "Redshift processing units a query starts with, 4 to 512. One is 16 GB of memory; they are paid by the second while queries run."
  default     = 8

  validation {
    condition     = var.warehouse_base_rpu == 4 || (var.warehouse_base_rpu >= 8 && var.warehouse_base_rpu <= 512 && var.warehouse_base_rpu % 8 == 0)
    error_message = "warehouse_base_rpu must be 4, or 8 to 512 in steps of 8."
  }
}

variable "warehouse_monthly_rpu_hours" {
  type        = number
  description = "RPU-hours a month after which Redshift refuses further queries, until the month is over or the limit is raised."
  default     = 100

  validation {
    condition     = var.warehouse_monthly_rpu_hours >= 1 && floor(var.warehouse_monthly_rpu_hours) == var.warehouse_monthly_rpu_hours
    error_message = "warehouse_monthly_rpu_hours must be a whole number of at least 1."
  }
}

variable "warehouse_readers" {
  type        = set(string)
  description = "Users of Redshift, roles of IAM too, that each build grants bi and gold.purchases_vw to: the account that dashboards read with."
  default     = []

  validation {
    condition     = alltrue([for reader in var.warehouse_readers : can(regex("^[A-Za-z][\\w:.@-]*$", reader))])
    error_message = "each of warehouse_readers must be a user's name of letters, digits and _ : . @ -, for example superset or IAMR:analysts."
  }
}

variable "landing_cold_after_days" {
  type        = number
  description = "Days until landed files move to a storage class that is cheap to keep and dear to read, 30 to 3650."
  default     = 90

  validation {
    condition     = var.landing_cold_after_days >= 30 && var.landing_cold_after_days <= 3650
    error_message = "landing_cold_after_days must be 30 to 3650 days."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that logs are kept, a year at least."
  default     = 365

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}

variable "maintained_tables" {
  type        = set(string)
  description = "Iceberg tables that Glue looks after, as database.table. The first run makes them, so name them after it: docs/aws.md has the list."
  default     = []

  validation {
    condition     = alltrue([for table in var.maintained_tables : can(regex("^deftunes_(silver|ops)\\.[a-z_]+$", table))])
    error_message = "each of maintained_tables must be database.table, for example deftunes_silver.sessions."
  }
}

variable "orchestrator" {
  type        = string
  description = "Who starts the steps by itself: step_functions (a state machine and a daily schedule, cents a month), mwaa (Airflow, paid by the hour, with a NAT gateway) or none (`deftunes run --target aws` does, or an Airflow of your own)."
  default     = "step_functions"

  validation {
    condition     = contains(["step_functions", "mwaa", "none"], var.orchestrator)
    error_message = "orchestrator must be step_functions, mwaa or none."
  }
}

variable "daily_at" {
  type        = string
  description = "Time of day, HH:MM in UTC, at which step_functions run the day before; never leaves the schedule off, and an execution is started by hand."
  default     = "never"

  validation {
    condition     = var.daily_at == "never" || can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.daily_at))
    error_message = "daily_at must be never, or a time of day in UTC, for example 03:00."
  }
}

variable "airflow_class" {
  type        = string
  description = "Size of the MWAA environment that orchestrator = mwaa makes, paid by the hour: mw1.micro to mw1.2xlarge."
  default     = "mw1.micro"

  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"], var.airflow_class)
    error_message = "airflow_class must be mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge or mw1.2xlarge."
  }
}

variable "schedule_from" {
  type        = string
  description = "First day that Airflow plans without being asked for it, YYYY-MM-DD, UTC. Earlier days are backfills."
  default     = "2100-01-01"

  validation {
    condition     = can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.schedule_from)) && can(timeadd("${var.schedule_from}T00:00:00Z", "0s"))
    error_message = "schedule_from must be a day, for example 2026-01-31."
  }
}

variable "dashboards" {
  type = object({
    image           = string
    certificate_arn = string
    reader_cidr     = string
    secret_arn      = string
    warehouse_user  = optional(string, "dashboards")
  })
  description = "Superset on ECS: its image in ECR, the certificate of its internal address, the IPv4 range of its readers, a secret with the passwords (modules/dashboards says which), and the Redshift user that it is, who may read bi. null makes none."
  default     = null

  validation {
    condition = var.dashboards == null || alltrue([
      can(regex("^[0-9]{12}\\.dkr\\.ecr\\.", try(var.dashboards.image, ""))),
      startswith(try(var.dashboards.certificate_arn, ""), "arn:aws:acm:${var.region}:"),
      can(cidrnetmask(try(var.dashboards.reader_cidr, ""))) && try(var.dashboards.reader_cidr, "") != "0.0.0.0/0",
      startswith(try(var.dashboards.secret_arn, ""), "arn:aws:secretsmanager:${var.region}:"),
      can(regex("^[a-z_][a-z0-9_]*$", try(var.dashboards.warehouse_user, ""))),
    ])
    error_message = "dashboards must have an image in ECR, the ARN of an ACM certificate in ${var.region}, an IPv4 range that is not the whole internet, the ARN of a secret in ${var.region}, and as warehouse_user a name of small letters, digits and underscores."
  }
}

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to data: keep (it stops at buckets and databases) or delete (nothing is left)."
  default     = "keep"

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}

variable "packages" {
  type        = string
  description = "Folder, from terraform/, that `make aws-package` fills with what the jobs run."
  default     = "../var"

  validation {
    condition     = !startswith(var.packages, "/")
    error_message = "packages must be a folder relative to terraform/, so that plans do not depend on the machine."
  }
}
