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
    sid       = "WriteOwnLanding"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.lake.bucket_arn}/${local.landing}/*"]
  }

  # pyarrow asks whether the bucket is there before it makes a folder, a question without a prefix.
  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [var.lake.bucket_arn]
  }

  statement {
    sid       = "ReadCode"
    actions   = ["s3:GetObject"]
    resources = ["${var.runtime.code_bucket_arn}/jobs/*", "${var.runtime.code_bucket_arn}/jars/*"]
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
  name   = "land"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "database" {
  count = local.in_vpc

  statement {
    sid       = "ReadPassword"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.database.secret_arn]
  }

  statement {
    sid       = "DecryptPassword"
    actions   = ["kms:Decrypt"]
    resources = [var.database.secret_key_arn]
  }

  statement {
    sid     = "ReadConnection"
    actions = ["glue:GetConnection"]
    resources = [
      "arn:aws:glue:${var.database.region}:${var.database.account_id}:catalog",
      "arn:aws:glue:${var.database.region}:${var.database.account_id}:connection/${var.name}",
    ]
  }

  statement {
    sid     = "MakeInterface"
    actions = ["ec2:CreateNetworkInterface"]
    resources = [
      "arn:aws:ec2:${var.database.region}:${var.database.account_id}:network-interface/*",
      "arn:aws:ec2:${var.database.region}:${var.database.account_id}:security-group/${var.database.security_group_id}",
      "arn:aws:ec2:${var.database.region}:${var.database.account_id}:subnet/${var.database.subnet_id}",
    ]
  }

  statement {
    sid       = "RemoveInterface"
    actions   = ["ec2:DeleteNetworkInterface"]
    resources = ["arn:aws:ec2:${var.database.region}:${var.database.account_id}:network-interface/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:Subnet"
      values   = ["arn:aws:ec2:${var.database.region}:${var.database.account_id}:subnet/${var.database.subnet_id}"]
    }
  }

  statement {
    sid       = "TagInterface"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["arn:aws:ec2:${var.database.region}:${var.database.account_id}:network-interface/*"]

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

resource "aws_iam_role_policy" "database" {
  count = local.in_vpc

  name   = "database"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.database[0].json
}
