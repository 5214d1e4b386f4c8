variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
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

variable "key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts what this module keeps."

  validation {
    condition     = startswith(var.key_arn, "arn:aws:kms:")
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "job_names" {
  type        = set(string)
  description = "Glue jobs that the state machine runs."

  validation {
    condition     = length(var.job_names) > 0 && alltrue([for name in var.job_names : can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", name))])
    error_message = "job_names must be names of jobs: 3 to 40 lower-case letters, digits and dashes."
  }
}

variable "daily_at" {
  type        = string
  description = "Time of day, HH:MM in UTC, at which the day before is run; never leaves the schedule off."

  validation {
    condition     = var.daily_at == "never" || can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.daily_at))
    error_message = "daily_at must be never, or a time of day in UTC, for example 03:00."
  }
}
