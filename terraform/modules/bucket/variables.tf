variable "name" {
  type        = string
  description = "Name of the bucket, 3 to 63 characters. Bucket names are shared by all AWS accounts of the world."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 63 lower-case letters, digits and dashes, as S3 asks."
  }
}

variable "key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the objects."

  validation {
    condition     = startswith(var.key_arn, "arn:aws:kms:")
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to a bucket that holds objects: keep (it stops) or delete."

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}

variable "old_versions_days" {
  type        = number
  description = "Days that overwritten and deleted objects can be brought back."
  default     = 30

  validation {
    condition     = var.old_versions_days >= 1 && var.old_versions_days <= 365
    error_message = "old_versions_days must be 1 to 365 days."
  }
}

variable "cold_after_days" {
  type        = map(number)
  description = "Prefix of objects that are rarely read again -> days until they move to S3 Glacier Instant Retrieval."
  default     = {}

  validation {
    condition     = alltrue([for days in values(var.cold_after_days) : days >= 1 && days <= 3650])
    error_message = "cold_after_days must be 1 to 3650 days for each prefix."
  }
}
