# What Redshift reads the lake as.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"]
    }

    # Not every service says for which account it acts; one that says another is refused.
    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:SourceAccount"
      values   = [split(":", var.lake.key_arn)[4]]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-warehouse"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadTablesFiles"
    actions   = ["s3:GetObject"]
    resources = [for database in var.databases : "${var.lake.bucket_arn}/warehouse/${database}/*"]
  }

  statement {
    sid       = "FindLake"
    actions   = ["s3:GetBucketLocation"]
    resources = [var.lake.bucket_arn]
  }

  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [var.lake.bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["warehouse/*"]
    }
  }

  statement {
    sid = "ReadTables"
    actions = [
      "glue:BatchGetPartition",
      "glue:GetDatabase",
      "glue:GetDatabases",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
    ]
    resources = concat(
      ["${var.tables_arn}:catalog"],
      [for database in var.databases : "${var.tables_arn}:database/${database}"],
      [for database in var.databases : "${var.tables_arn}:table/${database}/*"],
    )
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.lake.key_arn]
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "read-lake"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
