output "name" {
  description = "Name of the job."
  value       = aws_glue_job.this.name
}

output "arguments" {
  description = "Arguments that every run of the job begins with."
  value       = aws_glue_job.this.default_arguments
}
