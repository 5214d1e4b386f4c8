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

variable "log_retention_days" {
  type        = number
  description = "Days that logs are kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}

variable "image" {
  type        = string
  description = "Superset's image in an ECR repository of this account, with a tag or digest; never latest."

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com/[a-z0-9/_-]+[:@][A-Za-z0-9:._-]+$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image must be <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>, and the tag not latest."
  }
}

variable "certificate_arn" {
  type        = string
  description = "ARN of the ACM certificate that the internal address is served with."

  validation {
    condition     = startswith(var.certificate_arn, "arn:aws:acm:")
    error_message = "certificate_arn must be the ARN of an ACM certificate: request one for a name of yours, or import one."
  }
}

variable "reader_cidr" {
  type        = string
  description = "IPv4 range that may open the dashboards: the VPC, or a network that is peered with it or comes in by VPN."

  validation {
    condition     = can(cidrnetmask(var.reader_cidr)) && var.reader_cidr != "0.0.0.0/0"
    error_message = "reader_cidr must be an IPv4 range, and not the whole internet."
  }
}

variable "warehouse" {
  type = object({
    host              = string
    port              = string
    database          = string
    security_group_id = string
  })
  description = "The warehouse that dashboards read."

  validation {
    condition     = can(tonumber(var.warehouse.port))
    error_message = "warehouse.port must be a number."
  }
}

variable "warehouse_user" {
  type        = string
  description = "Redshift user that dashboards are: it may read bi, and nothing else."

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]*$", var.warehouse_user))
    error_message = "warehouse_user must be a name of small letters, digits and underscores."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when the disk of Superset's own tables fills."

  validation {
    condition     = startswith(var.alerts_topic_arn, "arn:aws:sns:")
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "secret_arn" {
  type        = string
  description = "ARN of a secret made by hand, JSON with warehouse_password, which is warehouse_user's, admin_password and analyst_password of Superset's two accounts, and session_key, a long random text that signs sessions."

  validation {
    condition     = startswith(var.secret_arn, "arn:aws:secretsmanager:")
    error_message = "secret_arn must be the ARN of a secret."
  }
}

variable "on_destroy" {
  type        = string
  description = "What `terraform destroy` does to the load balancer and Superset's own tables: keep (they are protected) or delete."

  validation {
    condition     = contains(["keep", "delete"], var.on_destroy)
    error_message = "on_destroy must be keep or delete."
  }
}
