variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "tables" {
  type        = set(string)
  description = "Tables to look after, as database.table. They must exist: Glue refuses an optimizer for a table that does not."

  validation {
    condition     = alltrue([for table in var.tables : can(regex("^deftunes_(silver|ops)\\.[a-z_]+$", table))])
    error_message = "each of tables must be database.table, for example deftunes_silver.sessions."
  }
}

variable "account_id" {
  type        = string
  description = "AWS account of the catalog, 12 digits."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
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
