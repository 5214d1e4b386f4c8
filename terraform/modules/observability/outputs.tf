output "topic_arn" {
  description = "ARN of the topic that a person reads, usable once services may publish to it."
  value       = aws_sns_topic.alerts.arn
  depends_on  = [aws_sns_topic_policy.alerts]
}
