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
  description = "AWS account, 12 digits. It makes the bucket names unlike anybody else's."

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

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to data: keep (it stops at the buckets) or delete."

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}

variable "landing_cold_after_days" {
  type        = number
  description = "Days until landed files move to a storage class that is cheap to keep and dear to read."

  validation {
    condition     = var.landing_cold_after_days >= 30 && var.landing_cold_after_days <= 3650
    error_message = "landing_cold_after_days must be 30 to 3650 days."
  }
}
