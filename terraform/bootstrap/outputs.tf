output "backend" {
  description = "What `terraform init -backend-config=` of terraform/ takes."
  value       = <<-HCL
    bucket     = "${module.state.name}"
    region     = "${var.region}"
    kms_key_id = "${aws_kms_key.state.arn}"
  HCL
}
