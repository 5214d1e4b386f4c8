# The sources of a demonstration, where none of one's own are given: the mock API and the songs are made by the jobs that land them, of
# mock_api/. `make aws-package` packs it, and what it needs beside Glue's Python.

locals {
  is_demonstration = { api = var.api_url == null, postgres = var.source_database == null }
  api_url          = var.api_url == null ? "http://127.0.0.1:8000" : var.api_url # loopback of the job

  mock_api_sum = sha256(join("", [
    for file in sort(fileset("${local.checkout}/mock_api", "**/*.py")) : "${filesha256("${local.checkout}/mock_api/${file}")}  ${file}\n"
  ]))
  demonstration_archives = {
    code     = "jobs/mock_api-${substr(local.mock_api_sum, 0, 16)}.zip"
    packages = "jobs/demo_packages-${substr(filesha256("${local.checkout}/requirements/demo.txt"), 0, 16)}.zip"
  }

  # Of each job that lands, if its source is the demonstration's.
  demonstration_arguments = {
    for source, is_demonstration in local.is_demonstration : source => merge({
      for part, object in aws_s3_object.demonstration : "--demo-${part}" => "s3://${object.bucket}/${object.key}" if is_demonstration
      }, is_demonstration ? {
      "--demo-seed"  = tostring(var.demonstration.seed)
      "--demo-scale" = tostring(var.demonstration.scale)
    } : {})
  }
}

resource "aws_s3_object" "demonstration" {
  for_each = anytrue(values(local.is_demonstration)) ? local.demonstration_archives : {}

  bucket      = module.lake.code_bucket
  key         = each.value
  source      = "${path.module}/${var.packages}/${each.value}"
  source_hash = each.value

  lifecycle {
    precondition {
      condition     = fileexists("${path.module}/${var.packages}/${each.value}")
      error_message = "${each.value} is not there, or of an older state of the checkout: run `make aws-package`, then again."
    }
  }
}
