output "dsn" {
  description = "postgresql://user@host:port/database, without the password."
  value       = "postgresql://${aws_db_instance.this.username}@${aws_db_instance.this.address}:${aws_db_instance.this.port}/${aws_db_instance.this.db_name}"
}

output "secret_arn" {
  description = "ARN of the secret that RDS keeps the password in, as JSON with a key password."
  value       = one(aws_db_instance.this.master_user_secret).secret_arn
}
