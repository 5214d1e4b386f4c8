output "connection" {
  description = "What a client needs to connect, but for the password: host, port, database, user, and the ARN of the secret that holds it."
  value = {
    host              = one(aws_redshiftserverless_workgroup.this.endpoint).address
    port              = tostring(one(aws_redshiftserverless_workgroup.this.endpoint).port)
    database          = aws_redshiftserverless_namespace.this.db_name
    user              = local.admin
    secret_arn        = aws_redshiftserverless_namespace.this.admin_password_secret_arn
    security_group_id = aws_security_group.this.id
  }
}
