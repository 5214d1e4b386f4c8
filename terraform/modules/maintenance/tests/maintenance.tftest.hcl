mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name       = "deftunes"
  tables     = ["deftunes_silver.sessions"]
  account_id = "123456789012"
  tables_arn = "arn:aws:glue:eu-west-1:123456789012"
  lake = {
    bucket_arn = "arn:aws:s3:::lake"
    key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  }
}

run "expires_snapshots_and_removes_orphans_of_each_table" {
  assert {
    condition     = output.optimizers == ["deftunes_silver.sessions orphan_file_deletion", "deftunes_silver.sessions retention"]
    error_message = "looked after: ${join(", ", output.optimizers)}"
  }
}

run "waits_for_the_first_run" {
  command = plan

  variables {
    tables = []
  }

  assert {
    condition     = length(aws_glue_catalog_table_optimizer.this) == 0
    error_message = "an optimizer for a table that nobody named"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name       = "x"
    tables     = ["sessions"]
    account_id = "1234"
    tables_arn = "arn:aws:glue"
    lake       = { bucket_arn = "lake", key_arn = "key" }
  }

  expect_failures = [var.name, var.tables, var.account_id, var.tables_arn, var.lake]
}
