# What an evaluation in the catalog runs as: it reads silver and changes nothing.

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
  name               = "${var.name}-data-quality"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadWarehouse"
    actions   = ["s3:GetObject"]
    resources = ["${var.lake.bucket_arn}/warehouse/*"]
  }

  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [var.lake.bucket_arn]
  }

  statement {
    sid     = "ReadTables"
    actions = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"]
    resources = [
      "${var.tables_arn}:catalog",
      "${var.tables_arn}:database/deftunes_silver",
      "${var.tables_arn}:table/deftunes_silver/*",
    ]
  }

  statement {
    sid       = "EvaluateOwnRulesets"
    actions   = ["glue:GetDataQualityRuleset", "glue:GetDataQualityRulesetEvaluationRun", "glue:PublishDataQuality"]
    resources = [for ruleset in aws_glue_data_quality_ruleset.this : "${var.tables_arn}:dataQualityRuleset/${ruleset.name}"]
  }

  statement {
    sid       = "Decrypt"
    actions   = ["kms:Decrypt"]
    resources = [var.lake.key_arn]
  }

  # Glue names the groups of these runs itself.
  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${replace(var.tables_arn, ":glue:", ":logs:")}:log-group:/aws-glue/*"]
  }

  # checkov:skip=CKV_AWS_111:PutMetricData knows no resource; the condition names the one namespace
  # checkov:skip=CKV_AWS_356:PutMetricData knows no resource; the condition names the one namespace
  statement {
    sid       = "WriteScores"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["Glue Data Quality"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "evaluate"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
