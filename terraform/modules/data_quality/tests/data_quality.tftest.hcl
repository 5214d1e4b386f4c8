mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name       = "deftunes"
  rules      = { users = "Rules = [\n    IsComplete \"user_id\"\n]\n" }
  tables_arn = "arn:aws:glue:eu-west-1:123456789012"
  lake = {
    bucket_arn = "arn:aws:s3:::lake"
    key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  }
  alerts_topic_arn = "arn:aws:sns:eu-west-1:123456789012:deftunes"
}

run "deploys_the_rules_of_each_table" {
  assert {
    condition     = aws_glue_data_quality_ruleset.this["users"].ruleset == var.rules["users"] && length(aws_glue_data_quality_ruleset.this["users"].target_table) == 0
    error_message = "the ruleset is not the rules, or is bound to a table that no run has made yet"
  }
}

run "tells_somebody_when_they_fail" {
  assert {
    condition     = aws_cloudwatch_event_target.failed.arn == var.alerts_topic_arn && jsondecode(aws_cloudwatch_event_rule.failed.event_pattern).detail.rulesetNames == ["deftunes-users"]
    error_message = "a failed evaluation goes unheard"
  }
}

run "refuses_rules_that_could_only_pass_within_a_run" {
  command = plan

  variables {
    rules = { users = "Rules = [\n    IsComplete \"user_id\",\n    RowCountMatch \"landed\" = 1.0\n]\n" }
  }

  expect_failures = [var.rules]
}

run "refuses_bad_input" {
  command = plan

  variables {
    name             = "x"
    tables_arn       = "arn:aws:glue"
    lake             = { bucket_arn = "lake", key_arn = "key" }
    alerts_topic_arn = "deftunes"
  }

  expect_failures = [var.name, var.tables_arn, var.lake, var.alerts_topic_arn]
}
