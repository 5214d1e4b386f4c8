resource "aws_lb" "this" {
  # checkov:skip=CKV_AWS_91:Superset logs who opened what, by name; the balancer would add addresses of one's own network
  # checkov:skip=CKV_AWS_150:Protected unless on_destroy says delete
  # checkov:skip=CKV2_AWS_20:There is no port 80 to redirect from
  name                       = "${var.name}-superset"
  internal                   = true
  load_balancer_type         = "application"
  subnets                    = var.network.subnet_ids
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.on_destroy == "keep"
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378:From the balancer to the task it goes through two security groups of one VPC; Superset speaks plain HTTP
  name        = "${var.name}-superset"
  vpc_id      = var.network.vpc_id
  port        = 8088
  protocol    = "HTTP"
  target_type = "ip"

  health_check {
    path    = "/health"
    matcher = "200"
  }
}

resource "aws_security_group" "balancer" {
  name        = "${var.name}-dashboards-balancer"
  description = "The address of the dashboards"
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "readers" {
  security_group_id = aws_security_group.balancer.id
  description       = "Readers"
  cidr_ipv4         = var.reader_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "superset" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "Superset"
  referenced_security_group_id = aws_security_group.superset.id
  ip_protocol                  = "tcp"
  from_port                    = 8088
  to_port                      = 8088
}

resource "aws_security_group" "superset" {
  name        = "${var.name}-dashboards"
  description = "Superset"
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id            = aws_security_group.superset.id
  description                  = "The balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8088
  to_port                      = 8088
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.superset.id
  description       = "Image, secrets and logs: services of AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "warehouse" {
  security_group_id            = aws_security_group.superset.id
  description                  = "The warehouse"
  referenced_security_group_id = var.warehouse.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}

resource "aws_vpc_security_group_ingress_rule" "warehouse" {
  security_group_id            = var.warehouse.security_group_id
  description                  = "Superset"
  referenced_security_group_id = aws_security_group.superset.id
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
}
