output "role_arn" {
  description = "ARN of the role that an evaluation runs as."
  value       = aws_iam_role.this.arn
}

output "ruleset_names" {
  description = "Silver table -> name of its ruleset."
  value       = { for table, ruleset in aws_glue_data_quality_ruleset.this : table => ruleset.name }
}
