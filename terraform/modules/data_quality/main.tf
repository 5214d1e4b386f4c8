# What quality/*.dqdl says of whole tables, in the Glue catalog, and a word to somebody when an evaluation of it fails.

resource "aws_glue_data_quality_ruleset" "this" {
  for_each = var.rules

  name        = "${var.name}-${each.key}"
  description = "quality/${each.key}.dqdl, without what holds of a run alone"
  ruleset     = each.value

  # No target_table: the first run makes the tables, long after apply, and an evaluation names its table itself.
}

resource "aws_cloudwatch_event_rule" "failed" {
  name        = "${var.name}-rules-failed"
  description = "An evaluation of a ruleset of ${var.name} failed"

  event_pattern = jsonencode({
    source      = ["aws.glue-dataquality"]
    detail-type = ["Data Quality Evaluation Results Available"]
    detail = {
      rulesetNames = [for ruleset in aws_glue_data_quality_ruleset.this : ruleset.name]
      state        = ["FAILED"]
    }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = var.alerts_topic_arn

  input_transformer {
    input_paths = {
      score = "$.detail.score"
      table = "$.detail.context.tableName"
      run   = "$.detail.context.runId"
    }
    input_template = "\"Rules of deftunes_silver.<table> failed (score <score>, run <run>). Read the outcomes in the Glue console under Data quality, or in deftunes_ops.rule_outcomes.\""
  }
}
