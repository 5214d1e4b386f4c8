mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name               = "deftunes"
  account_id         = "123456789012"
  key_arn            = "arn:aws:kms:eu-west-1:123456789012:key/0"
  alert_email        = "data@example.com"
  monthly_budget_usd = 200
  refine_job         = "deftunes-refine"
  log_retention_days = 365
}

run "tells_a_person_of_a_failed_job" {
  assert {
    condition     = aws_sns_topic_subscription.email.endpoint == "data@example.com" && aws_cloudwatch_event_target.job_failed.arn == aws_sns_topic.alerts.arn
    error_message = "a failed job goes unheard"
  }

  assert {
    condition     = toset(jsondecode(aws_cloudwatch_event_rule.job_failed.event_pattern).detail.state) == toset(["FAILED", "STOPPED", "TIMEOUT"])
    error_message = "a state that is no success goes unheard"
  }
}

run "takes_silence_for_trouble" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.nothing_refined.treat_missing_data == "missing" && length(aws_cloudwatch_metric_alarm.nothing_refined.insufficient_data_actions) == 1 && aws_cloudwatch_metric_alarm.nothing_refined.period * aws_cloudwatch_metric_alarm.nothing_refined.evaluation_periods == 86400
    error_message = "a day without data raises no alarm"
  }

  assert {
    condition     = try(length(aws_cloudwatch_metric_alarm.nothing_refined.alarm_actions), 0) == 0
    error_message = "the alarm may sound before the first refinement"
  }

  assert {
    condition     = aws_cloudwatch_event_target.refined.arn == aws_cloudwatch_log_group.refined.arn && startswith(aws_cloudwatch_log_group.refined.name, "/aws/events/")
    error_message = "the rule of refinements has no target that EventBridge may write to"
  }
}

run "tells_a_person_of_the_bill" {
  assert {
    condition     = aws_budgets_budget.month.limit_amount == "200" && toset(flatten(aws_budgets_budget.month.notification[*].subscriber_email_addresses)) == toset(["data@example.com"])
    error_message = "the bill comes unannounced"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name               = "x"
    account_id         = "1234"
    key_arn            = "alias/deftunes"
    alert_email        = "nobody"
    monthly_budget_usd = 0
    refine_job         = "Refine!"
    log_retention_days = 30
  }

  expect_failures = [
    var.name,
    var.account_id,
    var.key_arn,
    var.alert_email,
    var.monthly_budget_usd,
    var.refine_job,
    var.log_retention_days,
  ]
}
