terraform {
  required_version = "~> 1.11" # from 1.11 on, S3 itself locks the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { project = "${var.name}-state" }
  }
}
