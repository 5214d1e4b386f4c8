output "optimizers" {
  description = "What is looked after: `database.table type`."
  value       = keys(aws_glue_catalog_table_optimizer.this)
}
