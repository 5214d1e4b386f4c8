# What terraform/costs.py counts: a plan of the defaults, and one of everything that can be had.

mock_provider "aws" {
  source = "./mocks"
}

variables {
  account_id  = "123456789012"
  region      = "eu-west-1"
  alert_email = "data@example.com"
}

run "defaults" {
  command = plan

  assert {
    condition     = length(module.source) == 1
    error_message = "the defaults are not those of a demonstration"
  }
}

run "everything" {
  command = plan

  variables {
    orchestrator      = "mwaa"
    maintained_tables = ["deftunes_silver.sessions"]
    dashboards = {
      image           = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/deftunes/superset:1"
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
      reader_cidr     = "10.42.0.0/16"
      secret_arn      = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dashboards"
    }
  }

  assert {
    condition     = length(module.orchestration) == 1 && length(module.dashboards) == 1
    error_message = "not everything is there that can be had"
  }
}
