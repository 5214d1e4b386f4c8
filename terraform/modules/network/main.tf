# Private subnets in three zones. A job reaches S3 and the secret of its source without leaving AWS. Its log, its figures, its
# script and the catalog come by Glue's own proxy (page connection-VPC-disable-proxy), and need no way here.

locals {
  services = ["secretsmanager"] # each is paid by the hour
}

data "aws_availability_zones" "this" {
  # checkov:skip=CKV_AWS_394:Subnets ignore a later change of their zone, so a new zone of the region moves nothing
  state            = "available"
  exclude_zone_ids = ["apne1-az3", "cac1-az3", "use1-az3"] # older zones, which Redshift Serverless is not in

  # Zones of the region itself; local zones offer few services.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = length(data.aws_availability_zones.this.names) >= 3
      error_message = "Region ${var.region} gives this account fewer than three availability zones, and Redshift Serverless spans three: set region to another one."
    }
  }
}

# The VPC's own group lets nothing through, so that nothing depends on it by accident.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  count = 3

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 4, count.index)
  availability_zone = data.aws_availability_zones.this.names[count.index]

  tags = { Name = "${var.name}-private-${count.index}" }

  lifecycle {
    ignore_changes = [availability_zone] # a zone that AWS adds may shift the list
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  count = 3

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "service" {
  for_each = toset(local.services)

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.value}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = slice(aws_subnet.private[*].id, 0, var.endpoint_zones)
  security_group_ids  = [aws_security_group.endpoints.id]

  tags = { Name = "${var.name}-${each.value}" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "AWS services inside the VPC"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = var.cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "jobs" {
  # checkov:skip=CKV2_AWS_5:Attached by Glue to the network interfaces of the job that reads the database
  name        = "${var.name}-jobs"
  description = "Glue jobs inside the VPC"
  vpc_id      = aws_vpc.this.id
}

# Glue refuses a group that does not let the workers of one job talk to each other.
resource "aws_vpc_security_group_ingress_rule" "jobs" {
  # checkov:skip=CKV_AWS_24:The rule names its own group, and no address
  # checkov:skip=CKV_AWS_25:The rule names its own group, and no address
  # checkov:skip=CKV_AWS_260:The rule names its own group, and no address
  security_group_id            = aws_security_group.jobs.id
  description                  = "Workers of one job"
  referenced_security_group_id = aws_security_group.jobs.id
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "jobs_to_jobs" {
  security_group_id            = aws_security_group.jobs.id
  description                  = "Workers of one job"
  referenced_security_group_id = aws_security_group.jobs.id
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "jobs_to_s3" {
  security_group_id = aws_security_group.jobs.id
  description       = "S3"
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "jobs_to_endpoints" {
  security_group_id            = aws_security_group.jobs.id
  description                  = "AWS services inside the VPC"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
