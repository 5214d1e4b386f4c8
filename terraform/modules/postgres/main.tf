# A small PostgreSQL: private, encrypted, one client.

locals {
  disk_gb = 20
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.network.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "postgres16"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000" # milliseconds
  }
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_157:What it holds can be made again, and a second zone would double the bill
  # checkov:skip=CKV_AWS_118:RDS's figures a minute are enough for a database with one client
  # checkov:skip=CKV_AWS_353:It answers few and small queries, which need no insights
  # checkov:skip=CKV_AWS_293:Deletion is protected unless on_destroy says delete
  identifier     = var.name
  engine         = "postgres"
  engine_version = "16" # RDS chooses and renews the minor version
  instance_class = "db.t4g.micro"
  db_name        = var.database
  username       = var.database

  # RDS makes the password, keeps it in Secrets Manager and renews it: neither state nor variables hold it.
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  iam_database_authentication_enabled = true

  storage_type      = "gp3"
  allocated_storage = local.disk_gb
  storage_encrypted = true
  kms_key_id        = var.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false

  auto_minor_version_upgrade      = true
  backup_retention_period         = 7 # days
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  deletion_protection       = var.on_destroy == "keep"
  skip_final_snapshot       = var.on_destroy == "delete"
  delete_automated_backups  = var.on_destroy == "delete"
  final_snapshot_identifier = "${var.name}-final"

  depends_on = [aws_cloudwatch_log_group.this]
}

# Made here, because RDS would make them without a key or an end, and leave them behind.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_security_group" "this" {
  name        = var.name
  description = var.purpose
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from its client"
  referenced_security_group_id = var.client_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "client" {
  security_group_id            = var.client_security_group_id
  description                  = var.purpose
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_cloudwatch_metric_alarm" "disk" {
  alarm_name          = "${var.name}-disk"
  alarm_description   = "${var.purpose} has less than a tenth of its disk left: raise allocated_storage."
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = local.disk_gb * 100000000 # bytes: a tenth
  period              = 300
  evaluation_periods  = 3
  alarm_actions       = [var.alerts_topic_arn]
}
