variable "name" {
  type        = string
  description = "Name of the database's server, 3 to 40 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 40 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "purpose" {
  type        = string
  description = "What the database is for, in a few words: they describe its security group and its alarm."

  validation {
    condition     = can(regex("^[A-Za-z0-9 ._-]{5,60}$", var.purpose))
    error_message = "purpose must have 5 to 60 letters, digits, blanks, dots and dashes, which is what descriptions of AWS take."
  }
}

variable "database" {
  type        = string
  description = "Name of the database, and of the user it belongs to."

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{1,30}$", var.database))
    error_message = "database must have 2 to 31 lower-case letters, digits and underscores, and begin with a letter."
  }
}

variable "network" {
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  description = "Where the database stands."

  validation {
    condition     = length(var.network.subnet_ids) >= 2
    error_message = "network.subnet_ids must be two subnets at least: RDS wants two zones."
  }
}

variable "client_security_group_id" {
  type        = string
  description = "Security group of the only client. It gets a way to the database, and to nothing else."

  validation {
    condition     = startswith(var.client_security_group_id, "sg-")
    error_message = "client_security_group_id must be the id of a security group."
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
