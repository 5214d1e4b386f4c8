variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
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

variable "cidr" {
  type        = string
  description = "IPv4 range of the VPC, /16 to /20. It must not overlap with networks that will be peered."

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20, false)
    error_message = "cidr must be an IPv4 range of /16 to /20, for example 10.42.0.0/16."
  }
}

variable "egress" {
  type        = string
  description = "How the private subnets reach the internet: none, or nat (one NAT gateway, paid by the hour)."

  validation {
    condition     = contains(["none", "nat"], var.egress)
    error_message = "egress must be none or nat."
  }
}

variable "endpoint_zones" {
  type        = number
  description = "Availability zones with an interface endpoint of each service, 1 to 3. Each is paid by the hour; more survive the loss of a zone."

  validation {
    condition     = contains([1, 2, 3], var.endpoint_zones)
    error_message = "endpoint_zones must be 1, 2 or 3."
  }
}

variable "key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the flow log."

  validation {
    condition     = startswith(var.key_arn, "arn:aws:kms:")
    error_message = "key_arn must be the ARN of a KMS key."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the flow log is kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}
