output "environment_name" {
  description = "Name of the environment, as `aws mwaa get-environment` takes it."
  value       = aws_mwaa_environment.this.name
}
