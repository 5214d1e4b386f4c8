# One NAT gateway, only where something in the VPC must fetch from the internet. Nothing can be reached from outside.

locals {
  nat_gateways = var.egress == "nat" ? 1 : 0
}

resource "aws_internet_gateway" "this" {
  count = local.nat_gateways

  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  count = local.nat_gateways

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 4, 15)
  availability_zone = data.aws_availability_zones.this.names[0]

  tags = { Name = "${var.name}-nat" }
}

resource "aws_route_table" "public" {
  count = local.nat_gateways

  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this[0].id
  }

  tags = { Name = "${var.name}-nat" }
}

resource "aws_route_table_association" "public" {
  count = local.nat_gateways

  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  # checkov:skip=CKV2_AWS_19:The address belongs to the NAT gateway, not to a machine
  count = local.nat_gateways

  domain = "vpc"

  tags = { Name = "${var.name}-nat" }
}

resource "aws_nat_gateway" "this" {
  count = local.nat_gateways

  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id

  tags = { Name = var.name }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "internet" {
  count = local.nat_gateways

  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}
