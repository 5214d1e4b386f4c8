# One topic that a person reads, and what is worth telling them: a job that failed, a day without data, the bill.

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

data "aws_iam_policy_document" "topic" {
  # EventBridge sends no context that a condition could ask for: a condition here would drop its alerts without a word.
  statement {
    sid       = "Events"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }

  statement {
    sid       = "AlarmsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_cloudwatch_event_rule" "job_failed" {
  name        = "${var.name}-job-failed"
  description = "A Glue job of ${var.name} failed, ran out of time or was stopped"

  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail = {
      jobName = [{ prefix = "${var.name}-" }]
      state   = ["FAILED", "STOPPED", "TIMEOUT"]
    }
  })
}

resource "aws_cloudwatch_event_target" "job_failed" {
  rule = aws_cloudwatch_event_rule.job_failed.name
  arn  = aws_sns_topic.alerts.arn

  input_transformer {
    input_paths = {
      job     = "$.detail.jobName"
      run     = "$.detail.jobRunId"
      state   = "$.detail.state"
      message = "$.detail.message"
    }
    input_template = "\"<job> <state>: <message> Log: /aws-glue/jobs/<job>/output, stream <run>. After TIMEOUT raise timeout_minutes or workers; then run the same window again.\""
  }
}

resource "aws_cloudwatch_event_rule" "refined" {
  name        = "${var.name}-refined"
  description = "Writes down each refinement that succeeded, for the alarm on a day without one"

  event_pattern = jsonencode({
    source      = ["aws.glue"]
    detail-type = ["Glue Job State Change"]
    detail = {
      jobName = [var.refine_job]
      state   = ["SUCCEEDED"]
    }
  })
}

resource "aws_cloudwatch_event_target" "refined" {
  rule = aws_cloudwatch_event_rule.refined.name
  arn  = aws_cloudwatch_log_group.refined.arn

  depends_on = [aws_cloudwatch_log_resource_policy.refined]
}

resource "aws_cloudwatch_log_group" "refined" {
  name              = "/aws/events/${var.name}-refined" # EventBridge writes to groups of this folder
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

data "aws_iam_policy_document" "refined" {
  statement {
    sid       = "EventsToTheLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.refined.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "refined" {
  policy_name     = "${var.name}-refined"
  policy_document = data.aws_iam_policy_document.refined.json
}

# A figure of its own: what EventBridge counts of a rule is not documented to be there for each.
resource "aws_cloudwatch_log_metric_filter" "refined" {
  name           = "${var.name}-refined"
  log_group_name = aws_cloudwatch_log_group.refined.name
  pattern        = "{ $.detail.state = \"SUCCEEDED\" }"

  metric_transformation {
    namespace = var.name
    name      = "Refinements"
    value     = "1"
  }
}

# A day without a figure is told by "insufficient data": before the first refinement there was none, and nobody is told.
resource "aws_cloudwatch_metric_alarm" "nothing_refined" {
  alarm_name          = "${var.name}-nothing-refined"
  alarm_description   = "No refinement succeeded for a day: look at the runs of the schedule, then at the log of ${var.refine_job}."
  namespace           = aws_cloudwatch_log_metric_filter.refined.metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.refined.metric_transformation[0].name
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = 24
  datapoints_to_alarm = 24
  treat_missing_data  = "missing"
  ok_actions          = [aws_sns_topic.alerts.arn]

  insufficient_data_actions = [aws_sns_topic.alerts.arn]
}

resource "aws_budgets_budget" "month" {
  name         = "${var.name}-month"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = [var.alert_email]
  }

  notification {
    notification_type          = "FORECASTED"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = [var.alert_email]
  }
}
