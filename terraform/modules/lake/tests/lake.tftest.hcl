mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name                    = "deftunes"
  account_id              = "123456789012"
  region                  = "eu-west-1"
  on_destroy              = "keep"
  landing_cold_after_days = 90
}

run "addresses_lie_in_the_buckets_of_this_account" {
  assert {
    condition     = output.landing_uri == "s3://deftunes-lake-123456789012/landing" && output.warehouse_uri == "s3://deftunes-lake-123456789012/warehouse"
    error_message = "landing or warehouse lies elsewhere: ${output.landing_uri}, ${output.warehouse_uri}"
  }

  assert {
    condition     = alltrue([for name, database in aws_glue_catalog_database.this : database.location_uri == "${output.warehouse_uri}/${name}"])
    error_message = "a database keeps its tables outside of the warehouse"
  }
}

run "rotates_its_key_and_gives_time_to_regret" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "the key is not rotated, or can be lost within a month"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                    = "x"
    account_id              = "1234"
    region                  = "cn-north-1-x"
    on_destroy              = "ask"
    landing_cold_after_days = 1
  }

  expect_failures = [var.name, var.account_id, var.region, var.on_destroy, var.landing_cold_after_days]
}
