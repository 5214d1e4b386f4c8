# Superset as one Fargate task in the private subnets, behind an internal load balancer.
# It keeps nothing: its assets come with the image, its data from the warehouse.

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
  # checkov:skip=CKV_AWS_336:Superset writes its own settings database, which lives and dies with the task
  # checkov:skip=CKV_AWS_249:The two roles are two
  family                   = "${var.name}-dashboards"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512  # 0.5 vCPU
  memory                   = 2048 # MB
  execution_role_arn       = aws_iam_role.start.arn
  task_role_arn            = aws_iam_role.run.arn

  container_definitions = jsonencode([{
    name         = "superset"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 8088 }]
    environment = [
      { name = "REDSHIFT_HOST", value = var.warehouse.host },
      { name = "REDSHIFT_PORT", value = var.warehouse.port },
      { name = "REDSHIFT_DATABASE", value = var.warehouse.database },
    ]
    secrets = [
      { name = "REDSHIFT_USER", valueFrom = "${var.secret_arn}:username::" },
      { name = "REDSHIFT_PASSWORD", valueFrom = "${var.secret_arn}:password::" },
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

  depends_on = [aws_lb_listener.https, aws_iam_role_policy.start]
}
