mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name            = "deftunes-lake-123456789012"
  key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/0"
  on_destroy      = "keep"
  cold_after_days = { "landing/" = 90 }
}

run "is_private_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "the bucket can be made public"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.key_arn
    error_message = "objects are not encrypted with the key that was given"
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "overwritten objects are gone"
  }

  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.bucket.statement : one(statement.condition).variable if statement.effect == "Deny"
    ]) == "aws:SecureTransport"
    error_message = "requests without TLS are let in"
  }
}

run "keeps_its_objects_unless_told_otherwise" {
  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "destroy would delete the data of a platform that said keep"
  }
}

run "expires_no_current_object" {
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : alltrue([for each in rule.expiration : each.days == null || each.days == 0])])
    error_message = "a lifecycle rule deletes files that an Iceberg snapshot may still name"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name              = "Under_Score"
    key_arn           = "alias/deftunes"
    on_destroy        = "ask"
    old_versions_days = 0
    cold_after_days   = { "landing/" = 0 }
  }

  expect_failures = [var.name, var.key_arn, var.on_destroy, var.old_versions_days, var.cold_after_days]
}
