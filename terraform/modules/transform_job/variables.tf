variable "name" {
  type        = string
  description = "Name of the job and of its role, 3 to 40 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 40 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "runtime" {
  type = object({
    glue_version    = string
    script_uri      = string
    arguments       = map(string)
    code_bucket_arn = string
  })
  description = "What every job runs: version of Glue, script, arguments, and the bucket its code is in."

  validation {
    condition     = alltrue([for key in keys(var.runtime.arguments) : startswith(key, "--") && !strcontains(key, "password")])
    error_message = "runtime.arguments must begin with -- and hold no password: arguments are shown in the console."
  }
}

variable "lake" {
  type = object({
    bucket_arn = string
    key_arn    = string
  })
  description = "Bucket of landing and warehouse, and the key it is encrypted with."

  validation {
    condition     = startswith(var.lake.bucket_arn, "arn:aws:s3:::") && startswith(var.lake.key_arn, "arn:aws:kms:")
    error_message = "lake must be the ARNs of a bucket and of a KMS key."
  }
}

variable "workers" {
  type        = number
  description = "Most workers of a run (G.1X: 4 vCPU, 16 GB, 1 DPU each), 2 to 50. Glue takes away the idle ones."

  validation {
    condition     = var.workers >= 2 && var.workers <= 50 && floor(var.workers) == var.workers
    error_message = "workers must be a whole number, 2 to 50."
  }
}

variable "timeout_minutes" {
  type        = number
  description = "Minutes until a run is ended, 5 to 1440. A run is paid by the second until then."

  validation {
    condition     = var.timeout_minutes >= 5 && var.timeout_minutes <= 1440
    error_message = "timeout_minutes must be 5 to 1440."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the logs of the job are kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}

variable "tables_arn" {
  type        = string
  description = "ARN of the account's Glue catalog in this region, up to and without `:catalog`; databases and tables are named after it."

  validation {
    condition     = can(regex("^arn:aws:glue:[a-z0-9-]+:[0-9]{12}$", var.tables_arn))
    error_message = "tables_arn must look like arn:aws:glue:eu-west-1:123456789012."
  }
}
