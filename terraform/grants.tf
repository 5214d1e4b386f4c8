# What each job may do that others may not. What all of them may stands in modules/glue_job.

# land: one source to its own folder of landing, and nothing else.
data "aws_iam_policy_document" "land" {
  for_each = toset(["api", "postgres"]) # the kinds of sources in spark_jobs/silver/declaration.py

  statement {
    sid       = "WriteOwnLanding"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${module.lake.bucket_arn}/landing/${each.key}/*"]
  }

  # Without the right to list, S3 answers "forbidden" of a file that is not there; that question has no prefix.
  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [module.lake.bucket_arn]

    condition {
      test     = "StringLikeIfExists"
      variable = "s3:prefix"
      values   = ["landing/${each.key}/*"]
    }
  }
}

data "aws_iam_policy_document" "source_secret" {
  for_each = local.source_secrets

  statement {
    sid       = "ReadSecret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [each.value.arn]
  }

  statement {
    sid       = "DecryptSecret"
    actions   = ["kms:Decrypt"]
    resources = [each.value.key_arn]
  }
}

# refine: landing to silver, rules included. It cannot change what was delivered.
data "aws_iam_policy_document" "refine" {
  statement {
    sid       = "ReadLanding"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake.bucket_arn}/landing/*"]
  }

  statement {
    sid       = "WriteWarehouse"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${module.lake.bucket_arn}/warehouse/*"]
  }

  # Without the right to list, S3 answers "forbidden" of a file that is not there; that question has no prefix.
  statement {
    sid       = "ListLake"
    actions   = ["s3:ListBucket"]
    resources = [module.lake.bucket_arn]

    condition {
      test     = "StringLikeIfExists"
      variable = "s3:prefix"
      values   = ["landing/*", "warehouse/*"]
    }
  }

  statement {
    sid       = "ReadRules"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake.code_bucket_arn}/quality/*"]
  }

  # Iceberg keeps in the catalog where a table's newest metadata is: a commit is an update of that.
  statement {
    sid     = "MakeAndCommitTables"
    actions = ["glue:CreateTable", "glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"]
    resources = [
      "${local.tables_arn}:catalog",
      "${local.tables_arn}:database/deftunes_ops",
      "${local.tables_arn}:database/deftunes_silver",
      "${local.tables_arn}:table/deftunes_ops/*",
      "${local.tables_arn}:table/deftunes_silver/*",
    ]
  }
}

# build: gold of silver. It reads where silver's tables stand, sets a tag on sessions, and is the warehouse's administrator for as
# long as it takes to make the user that dbt is.
data "aws_iam_policy_document" "build" {
  statement {
    sid     = "ReadTablesAndTagSessions"
    actions = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"]
    resources = [
      "${local.tables_arn}:catalog",
      "${local.tables_arn}:database/deftunes_silver",
      "${local.tables_arn}:table/deftunes_silver/*",
    ]
  }

  # Which snapshots a state is of stands in the metadata of every table, those of quarantine too.
  statement {
    sid       = "ReadMetadata"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake.bucket_arn}/warehouse/deftunes_silver/*/metadata/*"]
  }

  statement {
    sid       = "WriteMetadataOfSessions"
    actions   = ["s3:PutObject"]
    resources = ["${module.lake.bucket_arn}/warehouse/deftunes_silver/sessions/metadata/*"]
  }

  statement {
    sid       = "ReadWarehousePassword"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [module.serving.connection.secret_arn]
  }
}
