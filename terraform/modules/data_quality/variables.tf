variable "name" {
  type        = string
  description = "Prefix of every name, 3 to 20 characters."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "rules" {
  type        = map(string)
  description = "Silver table -> rules of it in DQDL, at most 65536 characters. None may compare with another dataset: an evaluation in the catalog has one."

  validation {
    condition = alltrue([
      for text in values(var.rules) : can(regex("(?s)Rules = \\[.*[^,\\s]\\s*\\]\\s*$", text)) && length(text) <= 65536 &&
      !can(regex("(?m)^[^#]*\\b(AggregateMatch|DatasetMatch|ReferentialIntegrity|RowCountMatch|SchemaMatch)\\b", text))
    ])
    error_message = "each of rules must be `Rules = [ … ]` of at most 65536 characters, without AggregateMatch, DatasetMatch, ReferentialIntegrity, RowCountMatch and SchemaMatch: put those below the line `# Of the run alone` in quality/."
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

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when rules fail."

  validation {
    condition     = startswith(var.alerts_topic_arn, "arn:aws:sns:")
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}
