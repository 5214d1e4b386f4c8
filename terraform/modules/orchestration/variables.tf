variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts what this module keeps."

  validation {
    condition     = startswith(var.key_arn, "arn:aws:kms:")
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "account_id" {
  type        = string
  description = "AWS account, 12 digits."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "region" {
  type        = string
  description = "AWS region, for example eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[1-9]$", var.region))
    error_message = "region must be a region of the standard partition, for example eu-west-1."
  }
}

variable "network" {
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  description = "The VPC and its three private subnets."

  validation {
    condition     = length(var.network.subnet_ids) == 3
    error_message = "network.subnet_ids must be three subnets, one a zone."
  }
}

variable "airflow_version" {
  type        = string
  description = "Version of Airflow, which targets/runtime.toml says."

  validation {
    condition     = can(regex("^3\\.[0-9]+\\.[0-9]+$", var.airflow_version))
    error_message = "airflow_version must be a version 3.x.y that MWAA offers."
  }
}

variable "environment_class" {
  type        = string
  description = "Size of the environment, paid by the hour: mw1.micro to mw1.2xlarge."

  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"], var.environment_class)
    error_message = "environment_class must be mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge or mw1.2xlarge."
  }
}

variable "code_bucket" {
  type        = string
  description = "Name of the versioned bucket that DAGs are read from."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.code_bucket))
    error_message = "code_bucket must be the name of a bucket."
  }
}

variable "files" {
  type        = map(string)
  description = "Path below the DAG folder -> file of the checkout: DAGs, and what they import."

  validation {
    condition     = alltrue([for path in keys(var.files) : !startswith(path, "/") && !strcontains(path, "..")])
    error_message = "files must have paths below the DAG folder."
  }
}

variable "requirements" {
  type        = string
  description = "What MWAA installs into Airflow's own environment, a line name==version each; Airflow itself is one, so that nothing moves it."

  validation {
    condition = strcontains("\n${var.requirements}\n", "\napache-airflow==${var.airflow_version}\n") && alltrue([
      for line in split("\n", trimspace(var.requirements)) : can(regex("^[a-z0-9-]+==[0-9][0-9a-z.]*$", line))
    ])
    error_message = "requirements must be lines like name==1.2.3, one of which is apache-airflow in the environment's version."
  }
}

variable "settings" {
  type        = map(string)
  description = "Environment of every task: the keys of the target. No secret."

  validation {
    condition     = alltrue([for key, value in var.settings : can(regex("^[A-Z][A-Z0-9_]*$", key)) && !strcontains(key, "PASSWORD") && !strcontains(value, "'")])
    error_message = "settings must have upper-case keys, no password and no quote."
  }
}

variable "job_names" {
  type        = set(string)
  description = "Glue jobs that tasks may start."

  validation {
    condition     = length(var.job_names) > 0 && alltrue([for name in var.job_names : can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", name))])
    error_message = "job_names must be names of jobs: 3 to 40 lower-case letters, digits and dashes."
  }
}

variable "rulesets" {
  type = object({
    names    = set(string)
    role_arn = string
  })
  description = "Glue rulesets that tasks may evaluate, and the role that evaluates them."

  validation {
    condition     = startswith(var.rulesets.role_arn, "arn:aws:iam::")
    error_message = "rulesets.role_arn must be the ARN of a role."
  }
}

variable "runs_arn" {
  type        = string
  description = "ARN of the folder in which jobs leave their summaries."

  validation {
    condition     = startswith(var.runs_arn, "arn:aws:s3:::") && !endswith(var.runs_arn, "/")
    error_message = "runs_arn must be the ARN of a folder in a bucket, without a slash at its end."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that Airflow's logs are kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}
