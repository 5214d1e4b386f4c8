# What every job may do; what only this one may is in `grants`. A job that stands in the VPC also needs an interface there.

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
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadCode"
    actions   = ["s3:GetObject"]
    resources = ["${var.runtime.code_bucket_arn}/jobs/*", "${var.runtime.code_bucket_arn}/jars/*"]
  }

  # Where who started the job reads what came of it.
  statement {
    sid       = "WriteSummary"
    actions   = ["s3:PutObject"]
    resources = ["${var.lake.bucket_arn}/runs/*"]
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
  name   = "run"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy" "grant" {
  for_each = var.grants

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "stand" {
  count = local.in_vpc

  statement {
    sid     = "ReadConnection"
    actions = ["glue:GetConnection"]
    resources = [
      "arn:aws:glue:${var.stand.region}:${var.stand.account_id}:catalog",
      "arn:aws:glue:${var.stand.region}:${var.stand.account_id}:connection/${var.name}",
    ]
  }

  statement {
    sid     = "MakeInterface"
    actions = ["ec2:CreateNetworkInterface"]
    resources = [
      "arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:network-interface/*",
      "arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:security-group/${var.stand.security_group_id}",
      "arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:subnet/${var.stand.subnet_id}",
    ]
  }

  statement {
    sid       = "RemoveInterface"
    actions   = ["ec2:DeleteNetworkInterface"]
    resources = ["arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:network-interface/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:Subnet"
      values   = ["arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:subnet/${var.stand.subnet_id}"]
    }
  }

  statement {
    sid       = "TagInterface"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["arn:aws:ec2:${var.stand.region}:${var.stand.account_id}:network-interface/*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["aws-glue-service-resource"]
    }
  }

  # checkov:skip=CKV_AWS_356:The ec2:Describe actions know no resource
  statement {
    sid = "LookAtNetwork"
    actions = [
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeVpcEndpoints",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "stand" {
  count = local.in_vpc

  name   = "stand-in-vpc"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.stand[0].json
}
