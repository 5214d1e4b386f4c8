mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name       = "deftunes"
  account_id = "123456789012"
  region     = "eu-west-1"
  key_arn    = "arn:aws:kms:eu-west-1:123456789012:key/0"
  job_names  = ["deftunes-land-api", "deftunes-land-postgres", "deftunes-refine", "deftunes-build"]
  daily_at   = "03:05"
}

run "runs_the_jobs_of_the_platform" {
  assert {
    condition     = toset(regexall("\"JobName\": \"([^\"]+)\"", aws_sfn_state_machine.this.definition)[*][0]) == var.job_names
    error_message = "the state machine runs other jobs than those it may start"
  }

  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).StartAt == "Window"
    error_message = "the definition is no state machine"
  }
}

run "says_what_can_be_started_by_hand" {
  assert {
    condition     = output.state_machine_arn == aws_sfn_state_machine.this.arn
    error_message = "nobody learns what to start"
  }
}

run "runs_the_day_before_once_a_day" {
  assert {
    condition     = aws_scheduler_schedule.daily.schedule_expression == "cron(5 3 * * ? *)" && aws_scheduler_schedule.daily.state == "ENABLED"
    error_message = "the schedule is at another time, or off"
  }

  assert {
    condition     = strcontains(aws_scheduler_schedule.daily.target[0].input, "<aws.scheduler.scheduled-time>") && can(jsondecode(aws_scheduler_schedule.daily.target[0].input).scheduled_at)
    error_message = "an execution does not learn its day: ${aws_scheduler_schedule.daily.target[0].input}"
  }
}

run "leaves_the_schedule_off_unless_asked" {
  variables {
    daily_at = "never"
  }

  assert {
    condition     = aws_scheduler_schedule.daily.state == "DISABLED"
    error_message = "a schedule that nobody asked for costs money every day"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name       = "x"
    account_id = "1234"
    region     = "europe"
    key_arn    = "alias/deftunes"
    job_names  = []
    daily_at   = "25:00"
  }

  expect_failures = [var.name, var.account_id, var.region, var.key_arn, var.job_names, var.daily_at]
}
