# Glue looks after the Iceberg tables: snapshots older than five days go, and files that no snapshot names after three.
# Compaction needs provider 6; a window is replaced whole, so small files come from quarantine and ops alone.

locals {
  optimizers = {
    for pair in setproduct(var.tables, ["retention", "orphan_file_deletion"]) : "${pair[0]} ${pair[1]}" => {
      database = split(".", pair[0])[0]
      table    = split(".", pair[0])[1]
      type     = pair[1]
    }
  }
}

resource "aws_glue_catalog_table_optimizer" "this" {
  for_each = local.optimizers

  catalog_id    = var.account_id
  database_name = each.value.database
  table_name    = each.value.table
  type          = each.value.type

  configuration {
    role_arn = aws_iam_role.this.arn
    enabled  = true
  }

  depends_on = [aws_iam_role_policy.this]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }

    # Not every service says for which account it acts; one that says another is refused.
    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-maintenance"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "TidyWarehouse"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.lake.bucket_arn}/warehouse/*"]
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
    sid     = "CommitTables"
    actions = ["glue:GetTable", "glue:UpdateTable"]
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

  # Glue names this group itself.
  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${replace(var.tables_arn, ":glue:", ":logs:")}:log-group:/aws-glue/iceberg-*"]
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "tidy"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
