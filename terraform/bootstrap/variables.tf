variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."
  default     = "deftunes"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
  }
}

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
  description = "AWS region of the state, for example eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[1-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region must be a region of the standard partition, for example eu-west-1; China and GovCloud have other addresses."
  }
}

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to the state of the platform: keep (it stops) or delete."
  default     = "keep"

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}
