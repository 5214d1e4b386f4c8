terraform {
  required_version = "~> 1.11" # from 1.11 on, S3 itself locks the state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket, key and region come from the file that terraform/bootstrap writes out.
  backend "s3" {
    key          = "deftunes.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = { project = var.name }
  }
}
