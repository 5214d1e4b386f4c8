# Airflow, run by AWS. The DAGs and what they import are files of the checkout; tasks start Glue jobs and dbt.

locals {
  environment_arn = "arn:aws:airflow:${var.region}:${var.account_id}:environment/${var.name}"
}

resource "aws_s3_object" "dag_file" {
  for_each = var.files

  bucket      = var.code_bucket
  key         = "dags/${each.key}"
  source      = each.value
  source_hash = filesha256(each.value)
}

# What MWAA installs into Airflow's own environment.
resource "aws_s3_object" "requirements" {
  bucket  = var.code_bucket
  key     = "airflow/requirements.txt"
  content = var.requirements
}

resource "aws_s3_object" "startup" {
  bucket = var.code_bucket
  key    = "airflow/startup.sh"
  content = templatefile("${path.module}/startup.sh.tftpl", {
    settings = var.settings
  })
}

# Made here, because MWAA would make them without an end, and leave them behind.
resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"])

  name              = "airflow-${var.name}-${each.value}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
}

resource "aws_mwaa_environment" "this" {
  # checkov:skip=CKV2_AWS_66:The page asks everybody to sign in through IAM; a private one would need a VPN into the VPC
  name                             = var.name
  airflow_version                  = var.airflow_version
  environment_class                = var.environment_class
  max_workers                      = var.environment_class == "mw1.micro" ? 1 : 5
  source_bucket_arn                = "arn:aws:s3:::${var.code_bucket}"
  dag_s3_path                      = "dags/"
  requirements_s3_path             = aws_s3_object.requirements.key
  requirements_s3_object_version   = aws_s3_object.requirements.version_id
  startup_script_s3_path           = aws_s3_object.startup.key
  startup_script_s3_object_version = aws_s3_object.startup.version_id
  execution_role_arn               = aws_iam_role.this.arn
  kms_key                          = var.key_arn
  webserver_access_mode            = "PUBLIC_ONLY"

  network_configuration {
    subnet_ids         = slice(var.network.subnet_ids, 0, 2)
    security_group_ids = [aws_security_group.this.id]
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = "WARNING"
    }

    scheduler_logs {
      enabled   = true
      log_level = "WARNING"
    }

    task_logs {
      enabled   = true
      log_level = "INFO"
    }

    webserver_logs {
      enabled   = true
      log_level = "WARNING"
    }

    worker_logs {
      enabled   = true
      log_level = "WARNING"
    }
  }

  depends_on = [aws_iam_role_policy.this, aws_s3_object.dag_file, aws_cloudwatch_log_group.this]
}

resource "aws_security_group" "this" {
  name        = "${var.name}-airflow"
  description = "Airflow"
  vpc_id      = var.network.vpc_id
}

# MWAA's own parts talk to each other through their group.
resource "aws_vpc_security_group_ingress_rule" "itself" {
  security_group_id            = aws_security_group.this.id
  description                  = "Parts of the environment"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "itself" {
  security_group_id            = aws_security_group.this.id
  description                  = "Parts of the environment"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "AWS services and Python packages"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
