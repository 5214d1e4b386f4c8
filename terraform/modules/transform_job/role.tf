data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadLanding"
    actions   = ["s3:GetObject"]
    resources = ["${var.lake.bucket_arn}/landing/*"]
  }

  statement {
    sid       = "WriteWarehouse"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.lake.bucket_arn}/warehouse/*"]
  }

  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [var.lake.bucket_arn]
  }

  statement {
    sid     = "ReadCode"
    actions = ["s3:GetObject"]
    resources = [
      "${var.runtime.code_bucket_arn}/jobs/*",
      "${var.runtime.code_bucket_arn}/jars/*",
      "${var.runtime.code_bucket_arn}/quality/*",
    ]
  }

  # Iceberg keeps in the catalog where a table's newest metadata is: a commit is an update of that.
  statement {
    sid     = "MakeAndCommitTables"
    actions = ["glue:CreateTable", "glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"]
    resources = [
      "${var.tables_arn}:catalog",
      "${var.tables_arn}:database/deftunes_ops",
      "${var.tables_arn}:database/deftunes_silver",
      "${var.tables_arn}:table/deftunes_ops/*",
      "${var.tables_arn}:table/deftunes_silver/*",
    ]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.lake.key_arn]
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.this : "${group.arn}:*"]
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "refine"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
