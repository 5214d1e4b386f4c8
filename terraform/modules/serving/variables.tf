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
    vpc_id     = string
    subnet_ids = list(string)
  })
  description = "The VPC and its three private subnets."

  validation {
    condition     = length(var.network.subnet_ids) == 3
    error_message = "network.subnet_ids must be three subnets, one a zone."
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

variable "tables_arn" {
  type        = string
  description = "ARN of the account's Glue catalog in this region, up to and without `:catalog`; databases and tables are named after it."

  validation {
    condition     = can(regex("^arn:aws:glue:[a-z0-9-]+:[0-9]{12}$", var.tables_arn))
    error_message = "tables_arn must look like arn:aws:glue:eu-west-1:123456789012."
  }
}

variable "databases" {
  type        = set(string)
  description = "Databases of the Glue catalog that the warehouse reads, each as an external schema of the same name."

  validation {
    condition     = length(var.databases) > 0 && alltrue([for database in var.databases : can(regex("^[a-z][a-z0-9_]{0,126}$", database))])
    error_message = "databases must be names of lower-case letters, digits and underscores, at most 127, which Redshift takes without quotes."
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

variable "base_rpu" {
  type        = number
  description = "Redshift processing units a query starts with, 4 to 512. One is 16 GB of memory; they are paid by the second while queries run."

  validation {
    condition     = var.base_rpu == 4 || (var.base_rpu >= 8 && var.base_rpu <= 512 && var.base_rpu % 8 == 0)
    error_message = "base_rpu must be 4, or 8 to 512 in steps of 8."
  }
}

variable "monthly_rpu_hours" {
  type        = number
  description = "RPU-hours a month after which Redshift refuses further queries, until the month is over or the limit is raised."

  validation {
    condition     = var.monthly_rpu_hours >= 1 && floor(var.monthly_rpu_hours) == var.monthly_rpu_hours
    error_message = "monthly_rpu_hours must be a whole number of at least 1."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the warehouse's logs are kept."

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "log_retention_days must be 365, 400, 545, 731, 1096 or 1827, which are what CloudWatch offers from a year on."
  }
}
