output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Ids of the three private subnets, one a zone."
  value       = aws_subnet.private[*].id
}

output "zones" {
  description = "Availability zones of the private subnets, in their order."
  value       = aws_subnet.private[*].availability_zone
}

output "jobs_security_group_id" {
  description = "Id of the security group of Glue jobs inside the VPC."
  value       = aws_security_group.jobs.id
}
