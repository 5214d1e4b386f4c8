mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name    = "deftunes"
  region  = "eu-west-1"
  key_arn = "arn:aws:kms:eu-west-1:123456789012:key/0"
  network = {
    vpc_id     = "vpc-0"
    subnet_ids = ["subnet-0", "subnet-1", "subnet-2"]
  }
  log_retention_days = 365
  image              = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/deftunes/superset:1"
  certificate_arn    = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
  reader_cidr        = "10.42.0.0/16"
  on_destroy         = "keep"
  warehouse = {
    host              = "warehouse.internal"
    port              = "5439"
    database          = "deftunes"
    security_group_id = "sg-0"
  }
  warehouse_user   = "dashboards"
  alerts_topic_arn = "arn:aws:sns:eu-west-1:123456789012:deftunes"
  secret_arn       = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:reader"
}

run "has_no_public_address" {
  assert {
    condition     = aws_lb.this.internal && !aws_ecs_service.this.network_configuration[0].assign_public_ip
    error_message = "the dashboards can be reached from the internet"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.readers.cidr_ipv4 == "10.42.0.0/16" && aws_lb_listener.https.protocol == "HTTPS"
    error_message = "others than the readers can open them, or passwords travel in the clear"
  }
}

run "says_where_the_name_must_point" {
  assert {
    condition     = output.address == "internal-mock.eu-west-1.elb.amazonaws.com"
    error_message = "the address is ${output.address}"
  }
}

run "tells_superset_where_everything_is" {
  assert {
    condition = {
      for pair in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : pair.name => pair.value
      } == {
      SERVING_URI                  = "redshift+psycopg2://dashboards@warehouse.internal:5439/deftunes"
      SUPERSET_BIND                = "0.0.0.0:8088"
      SUPERSET_DATABASE_URI        = "postgresql+psycopg2://superset@mock.eu-west-1.rds.amazonaws.com:5432/superset?sslmode=require"
      SUPERSET_DATABASE_SECRET_ARN = module.own_tables.secret_arn
    }
    error_message = "the environment is ${aws_ecs_task_definition.this.container_definitions}"
  }
}

run "hands_over_secrets_by_reference" {
  assert {
    condition = {
      for secret in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets : secret.name => secret.valueFrom
      } == {
      SERVING_PASSWORD          = "${var.secret_arn}:warehouse_password::"
      SUPERSET_ADMIN_PASSWORD   = "${var.secret_arn}:admin_password::"
      SUPERSET_ANALYST_PASSWORD = "${var.secret_arn}:analyst_password::"
      SUPERSET_SECRET_KEY       = "${var.secret_arn}:session_key::"
    }
    error_message = "the task definition does not refer to the secret"
  }
}

run "waits_for_a_first_start_and_gives_up_on_a_broken_one" {
  assert {
    condition     = aws_ecs_service.this.health_check_grace_period_seconds >= 300 && aws_ecs_service.this.deployment_circuit_breaker[0].enable
    error_message = "the balancer ends a task that still makes its tables, or a broken one is started for ever"
  }
}

run "reads_its_own_password_and_no_other" {
  assert {
    condition     = flatten([for statement in data.aws_iam_policy_document.run.statement : tolist(statement.resources)]) == [module.own_tables.secret_arn, var.key_arn]
    error_message = "Superset may read more than the password of its own tables"
  }
}

run "pulls_its_own_image_only" {
  assert {
    condition     = data.aws_iam_policy_document.start.statement[2].resources == toset(["arn:aws:ecr:eu-west-1:123456789012:repository/deftunes/superset"])
    error_message = "the task may pull other images"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name               = "x"
    region             = "europe"
    key_arn            = "alias/deftunes"
    network            = { vpc_id = "vpc-0", subnet_ids = ["subnet-0"] }
    log_retention_days = 7
    image              = "apache/superset:latest"
    certificate_arn    = "none"
    reader_cidr        = "0.0.0.0/0"
    on_destroy         = "ask"
    warehouse = {
      host              = "warehouse.internal"
      port              = "five"
      database          = "deftunes"
      security_group_id = "sg-0"
    }
    warehouse_user   = "Reader; drop"
    alerts_topic_arn = "deftunes"
    secret_arn       = "hunter2"
  }

  expect_failures = [
    var.name,
    var.region,
    var.key_arn,
    var.network,
    var.log_retention_days,
    var.image,
    var.certificate_arn,
    var.reader_cidr,
    var.on_destroy,
    var.warehouse,
    var.warehouse_user,
    var.alerts_topic_arn,
    var.secret_arn,
  ]
}
