# The steps without Airflow: a state machine that runs the jobs in the order of deftunes/run/steps.py, and a schedule that starts it.

resource "aws_sfn_state_machine" "this" {
  # checkov:skip=CKV_AWS_284:Each job has its own log; a trace of five waits says nothing more
  # checkov:skip=CKV_AWS_285:Step Functions keeps the history of each execution for 90 days, and the jobs their logs
  # checkov:skip=CKV2_AWS_70:The role may start the platform's own jobs, each by its name
  name       = var.name
  role_arn   = aws_iam_role.machine.arn
  definition = templatefile("${path.module}/state_machine.json.tftpl", { name = var.name })

  depends_on = [aws_iam_role_policy.machine]
}

resource "aws_scheduler_schedule" "daily" {
  name                = var.name
  description         = "The day before, once a day"
  state               = var.daily_at == "never" ? "DISABLED" : "ENABLED"
  schedule_expression = "cron(${local.minute} ${local.hour} * * ? *)"
  kms_key_arn         = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.schedule.arn
    input    = "{\"scheduled_at\": \"<aws.scheduler.scheduled-time>\"}" # jsonencode would escape the signs that Scheduler looks for

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}

locals {
  hour   = var.daily_at == "never" ? 3 : tonumber(split(":", var.daily_at)[0])
  minute = var.daily_at == "never" ? 0 : tonumber(split(":", var.daily_at)[1])
}
