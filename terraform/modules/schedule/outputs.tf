output "state_machine_arn" {
  description = "ARN of the state machine, as `aws stepfunctions start-execution` takes it."
  value       = aws_sfn_state_machine.this.arn
}
