# Where the platform's state is kept: a bucket that holds every version of it. S3 locks it while it is changed.
# This root's own state is a local file; it describes nothing but this bucket and its key.

data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109:A key policy without the account's own statement makes a key that nobody can manage
  # checkov:skip=CKV_AWS_111:In a key policy, the resource * is this key
  # checkov:skip=CKV_AWS_356:In a key policy, the resource * is this key
  statement {
    sid       = "TheAccountDecidesByIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "state" {
  description             = "Terraform state of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.on_destroy == "delete" ? 7 : 30
  policy                  = data.aws_iam_policy_document.key.json
}

module "state" {
  source = "../modules/bucket"

  name              = "${var.name}-state-${var.account_id}"
  key_arn           = aws_kms_key.state.arn
  on_destroy        = var.on_destroy
  old_versions_days = 365
}
