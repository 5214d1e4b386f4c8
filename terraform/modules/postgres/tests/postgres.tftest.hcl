mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name                     = "deftunes-source"
  purpose                  = "The song database"
  database                 = "deftunes"
  network                  = { vpc_id = "vpc-0", subnet_ids = ["subnet-0", "subnet-1", "subnet-2"] }
  client_security_group_id = "sg-0"
  key_arn                  = "arn:aws:kms:eu-west-1:123456789012:key/0"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:123456789012:deftunes"
  on_destroy               = "keep"
  log_retention_days       = 365
}

run "is_private_encrypted_and_asked_by_its_client_only" {
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted
    error_message = "the database is public or readable on disk"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.client.referenced_security_group_id == "sg-0" && aws_vpc_security_group_ingress_rule.client.cidr_ipv4 == null
    error_message = "others than the client may ask"
  }
}

run "keeps_no_password_in_state" {
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "Terraform knows the password"
  }

  assert {
    condition     = output.dsn == "postgresql://deftunes@mock.eu-west-1.rds.amazonaws.com:5432/deftunes"
    error_message = "the address is ${output.dsn}"
  }
}

run "cannot_be_destroyed_by_accident" {
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "destroy would lose the catalogue of a platform that said keep"
  }
}

run "refuses_bad_input" {
  command = plan

  variables {
    name                     = "x"
    purpose                  = "Songs: all of them"
    database                 = "Song-Database"
    network                  = { vpc_id = "vpc-0", subnet_ids = ["subnet-0"] }
    client_security_group_id = "jobs"
    key_arn                  = "alias/deftunes"
    alerts_topic_arn         = "deftunes"
    on_destroy               = "ask"
    log_retention_days       = 7
  }

  expect_failures = [
    var.name,
    var.purpose,
    var.database,
    var.network,
    var.client_security_group_id,
    var.key_arn,
    var.alerts_topic_arn,
    var.on_destroy,
    var.log_retention_days,
  ]
}
