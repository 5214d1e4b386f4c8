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

variable "concurrent_runs" {
  type        = number
  description = "Runs of the job at once, 1 to 10, each with its own workers: as many as tables that are at work side by side."
  default     = 3

  validation {
    condition     = var.concurrent_runs >= 1 && var.concurrent_runs <= 10 && floor(var.concurrent_runs) == var.concurrent_runs
    error_message = "concurrent_runs must be a whole number, 1 to 10."
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

variable "purpose" {
  type        = string
  description = "What the job does, in words that the console shows."

  validation {
    condition     = length(var.purpose) >= 10 && length(var.purpose) <= 2048
    error_message = "purpose must have 10 to 2048 characters, which is what Glue takes."
  }
}

variable "arguments" {
  type        = map(string)
  description = "Arguments of this job alone: its verb, and where it finds a password if it needs one."

  validation {
    condition     = contains(["land", "refine", "build"], lookup(var.arguments, "--verb", "")) && alltrue([for key in keys(var.arguments) : startswith(key, "--") && !strcontains(key, "password")])
    error_message = "arguments must begin with --, name land, refine or build as --verb, and hold no password: arguments are shown in the console."
  }
}

variable "grants" {
  type        = map(string)
  description = "Name -> policy, as JSON, of what this job may do beyond what every job must."

  validation {
    condition     = length(var.grants) > 0 && alltrue([for policy in values(var.grants) : can(jsondecode(policy))])
    error_message = "grants must hold at least one policy, as aws_iam_policy_document gives it: without one the job can read and write nothing."
  }
}

variable "stand" {
  type = object({
    account_id        = string
    region            = string
    subnet_id         = string
    zone              = string
    security_group_id = string
  })
  description = "Where in a VPC the job stands, and in whose: a job that reads a database there. null for a job that asks the internet."
  default     = null

  validation {
    condition     = var.stand == null || (can(regex("^[0-9]{12}$", try(var.stand.account_id, ""))) && startswith(try(var.stand.zone, ""), try(var.stand.region, "none")))
    error_message = "stand must have an account of 12 digits, and a zone of its region, for example eu-west-1a of eu-west-1."
  }
}
