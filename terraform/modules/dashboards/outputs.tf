output "address" {
  description = "Internal DNS name that the certificate's name must point to."
  value       = aws_lb.this.dns_name
}
