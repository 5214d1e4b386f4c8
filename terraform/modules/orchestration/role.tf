# What tasks may do: start the platform's own jobs and evaluations, and read what came of them. The rest is MWAA's own upkeep.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["airflow-env.amazonaws.com", "airflow.amazonaws.com"]
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
  name               = "${var.name}-airflow"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "StartJobs"
    actions   = ["glue:BatchStopJobRun", "glue:GetJob", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
    resources = [for name in var.job_names : "arn:aws:glue:${var.region}:${var.account_id}:job/${name}"]
  }

  statement {
    sid       = "ReadRules"
    actions   = ["glue:GetDataQualityRuleset"]
    resources = [for name in var.rulesets.names : "arn:aws:glue:${var.region}:${var.account_id}:dataQualityRuleset/${name}"]
  }

  # A run or a result is no ruleset: AWS documents these actions for all of them.
  statement {
    sid = "EvaluateRules"
    actions = [
      "glue:GetDataQualityResult",
      "glue:GetDataQualityRulesetEvaluationRun",
      "glue:StartDataQualityRulesetEvaluationRun",
    ]
    resources = ["arn:aws:glue:${var.region}:${var.account_id}:dataQualityRuleset/*"]
  }

  statement {
    sid       = "HandRulesTheirRole"
    actions   = ["iam:PassRole"]
    resources = [var.rulesets.role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["glue.amazonaws.com"]
    }
  }

  # What the jobs leave for who started them.
  statement {
    sid       = "ReadSummaries"
    actions   = ["s3:GetObject"]
    resources = ["${var.runs_arn}/*"]
  }

  statement {
    sid       = "ReadDags"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["arn:aws:s3:::${var.code_bucket}/airflow/*", "arn:aws:s3:::${var.code_bucket}/dags/*"]
  }

  statement {
    sid = "LookAtDagBucket"
    actions = [
      "s3:GetBucketLocation",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:ListBucket",
      "s3:ListBucketVersions",
    ]
    resources = ["arn:aws:s3:::${var.code_bucket}"]
  }

  statement {
    sid       = "UseKey"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
    resources = [var.key_arn]
  }

  statement {
    sid       = "PublishHealth"
    actions   = ["airflow:PublishMetrics"]
    resources = [local.environment_arn]
  }

  statement {
    sid = "WriteLog"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:GetLogEvents",
      "logs:GetLogGroupFields",
      "logs:GetLogRecord",
      "logs:GetQueryResults",
      "logs:PutLogEvents",
    ]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:airflow-${var.name}-*"]
  }

  # The queue stands in an account of AWS, whose number nobody knows.
  statement {
    sid = "UseQueue"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = ["arn:aws:sqs:${var.region}:*:airflow-celery-*"]
  }

  # checkov:skip=CKV_AWS_356:DescribeLogGroups, GetAccountPublicAccessBlock and PutMetricData know no resource
  statement {
    sid       = "LookAtAccount"
    actions   = ["logs:DescribeLogGroups", "s3:GetAccountPublicAccessBlock"]
    resources = ["*"]
  }

  # checkov:skip=CKV_AWS_111:PutMetricData knows no resource; the condition names the one namespace
  statement {
    sid       = "WriteFigures"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["AmazonMWAA"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "run-dags"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}
