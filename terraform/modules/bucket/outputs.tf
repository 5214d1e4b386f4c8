output "name" {
  description = "Name of the bucket, usable once its policy and encryption stand."
  value       = aws_s3_bucket.this.bucket
  depends_on  = [aws_s3_bucket_policy.this, aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_versioning.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = "arn:aws:s3:::${aws_s3_bucket.this.bucket}"
}
