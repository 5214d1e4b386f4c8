# The lake: one bucket for data, one for what runs on it, one key, two databases of the Glue catalog.

module "data" {
  source = "../bucket"

  name            = "${var.name}-lake-${var.account_id}"
  key_arn         = aws_kms_key.this.arn
  on_destroy      = var.on_destroy
  cold_after_days = { "landing/" = var.landing_cold_after_days }
}

module "code" {
  source = "../bucket"

  name       = "${var.name}-code-${var.account_id}"
  key_arn    = aws_kms_key.this.arn
  on_destroy = "delete" # everything in it comes from the checkout
}

# Named in spark_jobs/lake/tables.py. The jobs make the tables.
resource "aws_glue_catalog_database" "this" {
  for_each = {
    deftunes_silver = "True, typed rows that passed their rules, and what was quarantined"
    deftunes_ops    = "Runs and the outcomes of the rules"
  }

  name         = each.key
  description  = each.value
  location_uri = "s3://${module.data.name}/warehouse/${each.key}"
}
