# Superset as one Fargate task in the private subnets, behind an internal load balancer. Its assets come with the image, what
# they show from the warehouse; accounts and what is changed by hand stand in a small PostgreSQL of its own.

module "own_tables" {
  source = "../postgres"

  name                     = "${var.name}-superset"
  purpose                  = "The own tables of Superset"
  database                 = "superset"
  network                  = var.network
  client_security_group_id = aws_security_group.superset.id
  key_arn                  = var.key_arn
  alerts_topic_arn         = var.alerts_topic_arn
  on_destroy               = var.on_destroy
  log_retention_days       = var.log_retention_days
}

resource "aws_ecs_cluster" "this" {
  name = "${var.name}-dashboards"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}-dashboards"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_ecs_task_definition" "this" {
  # checkov:skip=CKV_AWS_336:Superset writes to /tmp, and a volume of Fargate there would be root's
  # checkov:skip=CKV_AWS_249:The two roles are two
  family                   = "${var.name}-dashboards"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512  # 0.5 vCPU
  memory                   = 2048 # MB
  execution_role_arn       = aws_iam_role.start.arn
  task_role_arn            = aws_iam_role.run.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  container_definitions = jsonencode([{
    name         = "superset"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 8088 }]
    environment = [
      { name = "SERVING_URI", value = "redshift+psycopg2://${var.warehouse_user}@${var.warehouse.host}:${var.warehouse.port}/${var.warehouse.database}" },
      { name = "SUPERSET_BIND", value = "0.0.0.0:8088" },
      { name = "SUPERSET_DATABASE_URI", value = "${replace(module.own_tables.dsn, "postgresql://", "postgresql+psycopg2://")}?sslmode=require" },
      { name = "SUPERSET_DATABASE_SECRET_ARN", value = module.own_tables.secret_arn }, # RDS renews the password: who connects reads it
    ]
    secrets = [
      { name = "SERVING_PASSWORD", valueFrom = "${var.secret_arn}:warehouse_password::" },
      { name = "SUPERSET_ADMIN_PASSWORD", valueFrom = "${var.secret_arn}:admin_password::" },
      { name = "SUPERSET_ANALYST_PASSWORD", valueFrom = "${var.secret_arn}:analyst_password::" },
      { name = "SUPERSET_SECRET_KEY", valueFrom = "${var.secret_arn}:session_key::" },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "superset"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name            = "${var.name}-dashboards"
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 1
  launch_type     = "FARGATE"

  health_check_grace_period_seconds = 600 # a first start makes Superset's own tables

  # A task that does not start is not started for ever, and paid each time.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.superset.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "superset"
    container_port   = 8088
  }

  depends_on = [aws_lb_listener.https, aws_iam_role_policy.start, aws_iam_role_policy.run]
}
