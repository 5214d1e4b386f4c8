mock_provider "aws" {
  source = "../../mocks"
}

variables {
  name               = "deftunes"
  region             = "eu-west-1"
  cidr               = "10.42.0.0/16"
  egress             = "none"
  endpoint_zones     = 1
  key_arn            = "arn:aws:kms:eu-west-1:123456789012:key/0"
  log_retention_days = 365
}

run "has_no_way_to_the_internet" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) + length(aws_internet_gateway.this) + length(aws_subnet.public) == 0
    error_message = "egress none made a way out"
  }

  assert {
    condition     = toset(aws_subnet.private[*].availability_zone) == toset(["eu-west-1a", "eu-west-1b", "eu-west-1c"])
    error_message = "the private subnets do not span three zones"
  }

  assert {
    condition     = keys(aws_vpc_endpoint.service) == ["secretsmanager"]
    error_message = "a job in the VPC cannot reach a service it calls, or pays for one it does not"
  }
}

run "reaches_out_through_one_gateway" {
  command = plan

  variables {
    egress = "nat"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && aws_route.internet[0].destination_cidr_block == "0.0.0.0/0"
    error_message = "egress nat made no way out"
  }

  assert {
    condition     = alltrue([for subnet in concat(aws_subnet.private, aws_subnet.public) : subnet.map_public_ip_on_launch != true])
    error_message = "a subnet gives public addresses"
  }
}

run "lets_nothing_in_from_outside" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == var.cidr && aws_vpc_security_group_ingress_rule.jobs.cidr_ipv4 == null
    error_message = "an ingress rule names addresses outside of the VPC"
  }
}

run "refuses_a_region_with_two_zones" {
  command = plan

  override_data {
    target = data.aws_availability_zones.this
    values = { names = ["us-west-1a", "us-west-1b"] }
  }

  variables {
    region = "us-west-1"
  }

  expect_failures = [aws_vpc.this]
}

run "refuses_bad_input" {
  command = plan

  variables {
    name               = "a-name-that-is-far-too-long"
    region             = "europe"
    cidr               = "10.42.0.0/28"
    egress             = "proxy"
    endpoint_zones     = 4
    key_arn            = "alias/deftunes"
    log_retention_days = 30
  }

  expect_failures = [var.name, var.region, var.cidr, var.egress, var.endpoint_zones, var.key_arn, var.log_retention_days]
}
