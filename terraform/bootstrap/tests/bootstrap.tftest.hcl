mock_provider "aws" {
  source = "../mocks"
}

variables {
  account_id = "123456789012"
  region     = "eu-west-1"
}

run "names_bucket_region_and_key" {
  assert {
    condition     = strcontains(output.backend, "\"deftunes-state-123456789012\"") && strcontains(output.backend, "\"eu-west-1\"") && strcontains(output.backend, aws_kms_key.state.arn)
    error_message = "terraform init could not use this: ${output.backend}"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name       = "x"
    account_id = "1234"
    region     = "cn-north-1"
    on_destroy = "ask"
  }

  expect_failures = [var.name, var.account_id, var.region, var.on_destroy]
}
