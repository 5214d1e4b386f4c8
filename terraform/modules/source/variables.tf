variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "network" {
  type = object({
    vpc_id                 = string
    subnet_ids             = list(string)
    jobs_security_group_id = string
  })
  description = "Where the database stands, and the security group that may ask it."

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "network.subnet_ids must be two subnets at least: RDS wants two zones."
  }
}

variable "key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the database, its password and its log."

  validation {
    condition     = startswith(var.key_arn, "arn:aws:kms:")
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when the disk fills."

  validation {
    condition     = startswith(var.alerts_topic_arn, "arn:aws:sns:")
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to the database: keep (it stops; switch the protection off first) or delete, without a last snapshot."

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the database's log is kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}
