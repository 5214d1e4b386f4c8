# What the jobs run: the same package as everywhere, uploaded under names that say its content, and the same arguments.
# `make aws-package` fills var/jobs, `make setup` var/jars.

locals {
  # What Glue lacks: the driver of the song database, and the parser that reads the rules before they are evaluated. Iceberg it
  # brings by --datalake-formats, an evaluator by awsgluedq: a second Deequ on the class path could meet the first.
  # requirements/jars.txt has the sums that `make setup` held the files to.
  jars = {
    for jar in regexall("(?m)^[\\w.-]+:([\\w.-]+):([\\w.-]+)\\s+sha256:([0-9a-f]{64})", file("${local.checkout}/requirements/jars.txt")) :
    "jars/${jar[0]}-${jar[1]}.jar" => jar[2] if contains(["dqdl", "postgresql"], jar[0])
  }

  # terraform/package.py names the archive by the same sum.
  package_sum = sha256(join("", [
    for file in sort(fileset("${local.checkout}/spark_jobs", "**/*.py")) : "${filesha256("${local.checkout}/spark_jobs/${file}")}  ${file}\n"
  ]))
  weblinking_version = regex("(?m)^weblinking = \"([^\"]+)\"", local.runtime)[0]

  packages = {
    "jobs/spark_jobs-${substr(local.package_sum, 0, 16)}.zip" = local.package_sum
    "jobs/weblinking-${local.weblinking_version}.zip"         = local.weblinking_version
  }

  # dbt, its project and what starts it, for the job that builds gold; terraform/package.py lists the same files.
  gold_files = sort(concat(
    [for file in fileset(local.checkout, "dbt/**/*.{sql,yml,md}") : file if !startswith(file, "dbt/target/") && !startswith(file, "dbt/logs/")],
    tolist(fileset(local.checkout, "{deftunes,spark_jobs}/**/*.py")),
  ))
  gold_sum = sha256(join("", [for file in local.gold_files : "${filesha256("${local.checkout}/${file}")}  ${file}\n"]))
  gold_archives = {
    code     = "jobs/gold-${substr(local.gold_sum, 0, 16)}.zip"
    packages = "jobs/gold_packages-${substr(filesha256("${local.checkout}/requirements/gold.txt"), 0, 16)}.zip"
  }

  spark_conf = [
    for pair in regexall("(?m)^(spark\\.\\S+)[ \\t]+(\\S.*)$", templatefile("${local.checkout}/targets/aws.spark.conf", local.target_values)) :
    "${pair[0]}=${pair[1]}" if pair[1] != "by-glue"
  ]

  job_names = [for job in concat(values(module.extract_job), [module.transform_job, module.gold_job]) : job.name]

  job_runtime = {
    glue_version    = regex("(?s)\\[glue\\]\\s+version = \"([^\"]+)\"", local.runtime)[0]
    script_uri      = "s3://${aws_s3_object.entry.bucket}/${aws_s3_object.entry.key}"
    code_bucket_arn = module.lake.code_bucket_arn

    # No --enable-auto-scaling: a worker that is taken away takes the blocks of its local checkpoints along.
    arguments = {
      "--datalake-formats"     = "iceberg"
      "--conf"                 = join(" --conf ", local.spark_conf) # Glue takes one --conf; the others stand inside its value
      "--extra-py-files"       = join(",", [for key in keys(local.packages) : "s3://${aws_s3_object.package[key].bucket}/${key}"])
      "--extra-jars"           = join(",", [for key in keys(local.jars) : "s3://${aws_s3_object.package[key].bucket}/${key}"])
      "--landing-uri"          = local.target_values["LANDING_URI"]
      "--s3-region"            = local.target_values["S3_REGION"]
      "--runs-uri"             = local.target_values["RUNS_URI"]
      "--rules-uri"            = "s3://${module.lake.code_bucket}/quality"
      "--api-url"              = local.target_values["API_URL"]
      "--api-auth"             = local.target_values["API_AUTH"]
      "--api-token-url"        = local.target_values["API_TOKEN_URL"]
      "--api-scope"            = local.target_values["API_SCOPE"]
      "--source-url"           = replace(local.target_values["SOURCE_DSN"], "/^postgres(?:ql)?://[^@]+@/", "jdbc:postgresql://")
      "--source-user"          = regex("^postgresql://([^@]+)@", local.target_values["SOURCE_DSN"])[0]
      "--dq-engine"            = local.target_values["DQ_ENGINE"]
      "--max-quarantine-share" = local.target_values["MAX_QUARANTINE_SHARE"]
    }
  }

  # Airflow and its providers as requirements/airflow.in asks for them, in the versions of its lock. The drivers there are for a
  # metadata database of one's own; MWAA has its.
  airflow_lock = { for pin in regexall("(?m)^([\\w.-]+)==([\\w.]+)", file("${local.checkout}/requirements/airflow.txt")) : pin[0] => pin[1] }
  airflow_requirements = join("\n", [
    for name in flatten(regexall("(?m)^(apache-airflow[\\w-]*)", file("${local.checkout}/requirements/airflow.in"))) :
    "${name}==${local.airflow_lock[name]}"
  ])

  # The DAGs and what they import; tests and caches stay behind.
  dag_files = merge([
    for folder, below in { "airflow/dags" = "", "airflow/include" = "include/", deftunes = "deftunes/", spark_jobs = "spark_jobs/" } : {
      for file in fileset("${local.checkout}/${folder}", "**/*.py") : "${below}${file}" => "${local.checkout}/${folder}/${file}"
    }
  ]...)
}

resource "aws_s3_object" "entry" {
  bucket      = module.lake.code_bucket
  key         = "jobs/glue_entry.py"
  source      = "${path.module}/jobs/glue_entry.py"
  source_hash = filesha256("${path.module}/jobs/glue_entry.py")
}

resource "aws_s3_object" "package" {
  for_each = merge(local.packages, local.jars, { for name, key in local.gold_archives : key => key })

  bucket      = module.lake.code_bucket
  key         = each.key
  source      = "${path.module}/${var.packages}/${each.key}"
  source_hash = each.value

  lifecycle {
    precondition {
      condition     = fileexists("${path.module}/${var.packages}/${each.key}")
      error_message = "${each.key} is not there, or of an older state of the checkout: run `make aws-package`, then again."
    }
  }
}

resource "aws_s3_object" "rules" {
  for_each = local.rules

  bucket  = module.lake.code_bucket
  key     = "quality/${each.key}.dqdl"
  content = each.value
}
