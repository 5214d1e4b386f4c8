# What an evaluation in the catalog runs as: it reads silver and changes nothing.

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
      values   = [split(":", var.lake.key_arn)[4]]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-data-quality"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  # The first statements are the minimum of AWS's page "Configure IAM permissions for AWS Glue Data Quality"; without the
  # evaluator's own files a run ends in a LAUNCH ERROR.
  statement {
    sid       = "ReadEvaluator"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::aws-glue-*"]
  }

  statement {
    sid       = "ReadWarehouse"
    actions   = ["s3:GetObject"]
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
    sid     = "ReadTables"
    actions = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
    resources = [
      "${var.tables_arn}:catalog",
      "${var.tables_arn}:database/deftunes_silver",
      "${var.tables_arn}:table/deftunes_silver/*",
    ]
  }

  statement {
    sid       = "EvaluateOwnRulesets"
    actions   = ["glue:GetDataQualityRuleset", "glue:PublishDataQuality"]
    resources = [for ruleset in aws_glue_data_quality_ruleset.this : "${var.tables_arn}:dataQualityRuleset/${ruleset.name}"]
  }

  # A run is no ruleset: AWS documents this action for all of them.
  statement {
    sid       = "ReadEvaluations"
    actions   = ["glue:GetDataQualityRulesetEvaluationRun"]
    resources = ["${var.tables_arn}:dataQualityRuleset/*"]
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
