# The commands of this project; `make` lists them. The work is done by the `deftunes` program: `.venv/lake/bin/deftunes --help`.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.11
# Without the shell's PYTHONPATH, PYTHONHOME and so on, and without packages of the user's; and no project of compose's but this one:
# `make down` would end the containers of another. .env may name one.
SYSTEM_PYTHON := $(PYTHON) -E -s
unexport $(filter PYTHON% COMPOSE_%,$(.VARIABLES)) LD_PRELOAD LD_LIBRARY_PATH
CHROMIUM ?= chromium
LAKE := .venv/lake/bin
SPARK := .venv/spark/bin
CHECK := .venv/check/bin
LAKE_READY := .venv/lake/.complete
SPARK_READY := .venv/spark/.complete
AIRFLOW_READY := .venv/airflow/.complete
READY := $(LAKE_READY) $(SPARK_READY) var/jars/.complete
TESTS_READY := $(READY) .venv/lake/.complete-redshift .venv/lake/.complete-lineage .venv/lake/.complete-test .venv/spark/.complete-test
REHEARSAL_READY := $(READY) $(AIRFLOW_READY) .venv/rehearsal/.complete .venv/lake/.complete-redshift var/jars/.complete-s3 var/bin/minio.module

LINEAGE_READY := .venv/lake/.complete-lineage var/jars/.complete-lineage

COMPOSE := docker compose $(if $(filter aws,$(TARGET)),--file docker-compose.yml --file docker-compose.aws.yml)
CORE_IMAGES := postgres object_store mock_api
FULL_IMAGES := airflow_api_server superset
PROFILES := --profile full --profile metrics

ifeq ($(wildcard deftunes/setup/environments.py),)
  $(error call it in its own folder: make -C $(dir $(lastword $(MAKEFILE_LIST))))
endif

# What is given on the command line is handed on through the environment, so that no shell reads what is in it, and as it was written:
# make would take every dollar in it, as of a regular expression or a password, for a variable.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(eval override export $(name) := $$(value $(name)))))

# Events of OpenLineage, of whatever is called with it: docs/lineage.md.
ifneq ($(filter-out 0,$(LINEAGE)),)
  export DEFTUNES_LINEAGE := 1
endif

##@ Use
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  \033[36mmake %-18s\033[0m %s\n", $$1, $$2 }' Makefile
	@printf '\n\033[1m%s\033[0m\n' 'Variables of make run'
	@printf '  %-22s%s\n' 'FROM=, TO=' 'first and last day, both included; FROM alone is one day (2020-01-01, 2020-03-31)' \
	  'SEED=, SCALE=' 'which data are made up, and how many (42, 1)' \
	  'API_URL=' 'a source API of your own; its credentials: docs/your-own-sources.md' \
	  'SOURCE_DSN=' 'a song database of your own; its password is SOURCE_PASSWORD' \
	  'SONGS_CSV=' 'a real song catalogue instead of a made-up one' \
	  'ACCEPT_SOURCES=1' 'go on with other sources than those the lake holds' \
	  'LINEAGE=1' 'send OpenLineage events of Spark and dbt: to var/lineage, or as OPENLINEAGE_URL says' \
	  'TARGET=aws' 'the platform that Terraform made, also of status, rules, query and up: docs/aws.md'

setup: $(TESTS_READY) .venv/lake/.complete-shell .venv/check/.complete ## install what runs, tests and checks need; each of them does it when needed

run: $(READY) $(if $(DEFTUNES_LINEAGE),$(LINEAGE_READY)) ## the whole pipeline: sources to a published star schema
	@$(LAKE)/deftunes run $${FROM:+--from "$$FROM"} $${TO:+--to "$$TO"} $${SEED:+--seed "$$SEED"} \
	  $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"} $${ACCEPT_SOURCES:+--accept-sources} $${TARGET:+--target "$$TARGET"}

services: $(READY) ## start the services only: PostgreSQL, mock API, Iceberg catalog
	@$(LAKE)/deftunes up $${SEED:+--seed "$$SEED"} $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"}

dashboards: $(READY) .venv/superset/.complete ## Superset over what was published; prints where to click, and as whom
	@$(LAKE)/deftunes dashboards $${SEED:+--seed "$$SEED"} $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"}

dashboards-export: $(READY) .venv/superset/.complete ## write what was changed in Superset back to superset/assets
	@$(LAKE)/deftunes dashboards-export

down: ## stop what runs here: the services, and the stack of containers; data stay
	@if [ -x $(LAKE)/deftunes ]; then $(LAKE)/deftunes down; fi
	@if [ -f .env ] && $(COMPOSE) version > /dev/null 2>&1; then $(COMPOSE) $(PROFILES) down --remove-orphans; fi

status: $(LAKE_READY) ## services; per table: rows, last window, rule outcomes
	@$(LAKE)/deftunes status $${TARGET:+--target "$$TARGET"}

query: $(LAKE_READY) ## ask the star schema: make query SQL="select ..."
	@$(LAKE)/deftunes query "$${SQL:?write it as: make query SQL=\"select * from bi.sales_per_country_vw limit 5\"}" $${TARGET:+--target "$$TARGET"}

rules: $(LAKE_READY) ## the last rule outcomes, and how to see the offending rows; TRY=FILE: what other rules would say
	@$(LAKE)/deftunes rules $${TRY:+--try "$$TRY"} $${FROM:+--from "$$FROM"} $${TO:+--to "$$TO"} $${TARGET:+--target "$$TARGET"}

metrics: $(LAKE_READY) ## the figures of runs as OpenMetrics text, for Prometheus: docs/metrics.md; FILE=: into that file
	@$(LAKE)/deftunes metrics $${FILE:+--file "$$FILE"}

lineage: $(LAKE_READY) ## what columns of gold are made of, from the events of runs with LINEAGE=1; COLUMN=gold.fact_session.price: one of them
	@$(LAKE)/deftunes lineage $${COLUMN:+"$$COLUMN"}

history: $(LAKE_READY) ## the states of the lake, newest first
	@$(LAKE)/deftunes history $${TARGET:+--target "$$TARGET"}

diff: $(LAKE_READY) ## what differs between two states: make diff A=STATE B=latest
	@$(LAKE)/deftunes diff "$${A:?the earlier state: make history lists them}" "$${B:-latest}" $${TABLE:+--table "$$TABLE"} $${TARGET:+--target "$$TARGET"}

shell: $(LAKE_READY) .venv/lake/.complete-shell ## DuckDB's shell over the star schema and the lake, to read only
	@$(LAKE)/deftunes shell

notebook: $(LAKE_READY) .venv/lake/.complete-notebook ## a notebook that walks through the lake: tables, history, quarantine, time travel; prints where to click
	@$(LAKE)/deftunes notebook

rollback: $(LAKE_READY) ## take silver, gold and the published file back to a state: make rollback TO=STATE
	@$(LAKE)/deftunes rollback --to "$${TO:?a state or a time: make history lists them}" $${TARGET:+--target "$$TARGET"}

clean: ## stop the services and remove all data, but not what set-up fetched
	@if [ -x $(LAKE)/deftunes ]; then $(LAKE)/deftunes clean; fi

##@ Containers
up: images ## build and start the whole platform; says where to click and with which account
	@$(COMPOSE) --profile full up --detach --wait --remove-orphans
	@services/addresses.sh full

up-core: engine ## the same without Airflow and Superset
	@for name in $(CORE_IMAGES); do $(COMPOSE) build $$name || exit 1; done
	@$(COMPOSE) up --detach --wait
	@services/addresses.sh core

up-metrics: images ## the whole platform, and Prometheus with the alerts of services/prometheus: docs/metrics.md
	@$(COMPOSE) $(PROFILES) build prometheus
	@$(COMPOSE) $(PROFILES) up --detach --wait --remove-orphans
	@services/addresses.sh metrics

images: engine ## build the images, one after the other: some are made from others
	@for name in $(CORE_IMAGES) $(FULL_IMAGES); do $(COMPOSE) --profile full build $$name || exit 1; done

ps: ## the containers and how they are
	@$(COMPOSE) $(PROFILES) ps --all

logs: ## what the containers say: make logs SERVICE=catalog
	@$(COMPOSE) $(PROFILES) logs --follow --tail 100 $${SERVICE:-}

backfill: ## let Airflow run days, both included: make backfill FROM=2020-01-01 TO=2020-01-07
	@for dag in deftunes_songs deftunes_api; do \
	  $(COMPOSE) exec -T airflow_scheduler airflow backfill create --dag-id $$dag --reprocess-behavior completed \
	    --from-date "$${FROM:?the first day: FROM=2020-01-01}" --to-date "$${TO:?the last day: TO=2020-01-07}" || exit 1; \
	done

base-image: ## the base of all images from Debian's packages, where no image registry can be reached; wants root
	@services/base/make.sh
	@services/env.sh && sed -i '/^BASE_IMAGE=/d' .env && echo BASE_IMAGE=deftunes/base >> .env

compose-plugin: ## docker compose from its Go module, where no package has it
	@services/compose_plugin.sh

##@ Inner loop (CONTRIBUTING.md)
fmt: .venv/check/.complete ## write code and SQL as `make check` wants them, where a program can
	@$(CHECK)/ruff format --quiet .
	@$(CHECK)/ruff check --quiet --fix .
	@$(CHECK)/sqlfluff fix --quiet $(SQL_FILES)

unit: $(TESTS_READY) ## the unit tests that start no Spark, no service and no program: seconds
	@$(LAKE)/python -m pytest -q -m 'not slow' tests/unit --ignore tests/unit/spark_jobs --ignore tests/unit/dbt
	@$(SPARK)/python -m pytest -q -m 'not slow' tests/unit/spark_jobs

watch: $(READY) .venv/lake/.complete-shell ## at each save of a silver function: its rows of the last landed window, reasons, rules; publishes nothing: make watch TABLE=sessions
	@$(LAKE)/deftunes watch "$${TABLE:?write it as: make watch TABLE=sessions}" $${FROM:+--from "$$FROM"} $${TO:+--to "$$TO"}

gold: $(READY) ## build, test and publish all of gold of silver as it stands, while the services run
	@$(LAKE)/deftunes gold

dbt: $(READY) ## any command of dbt on the lake: make dbt ARGS="show --select dim_users --limit 3"
	@printf '%s' "$$ARGS" | xargs $(LAKE)/deftunes dbt -- # xargs reads quotes as a shell does, and runs nothing that it reads

spark-shell: $(READY) ## Python with a Spark session over the lake, while the services run
	@$(LAKE)/deftunes spark-shell

# The parts of `make check`, each by itself. Those of CHECKS_QUICK take a few seconds together; .pre-commit-config.yaml calls them.
CHECKS_QUICK := check-format check-lint check-documents
CHECKS := $(CHECKS_QUICK) check-workflows check-types check-types-spark check-sql check-contracts
SCHEMA := $(CHECK)/check-jsonschema --quiet
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
SQL_FILES := dbt/models dbt/tests

check-format: .venv/check/.complete
	@$(CHECK)/ruff format --quiet --check .
check-lint: .venv/check/.complete
	@$(CHECK)/ruff check --quiet .
check-documents: .venv/check/.complete # data contracts, workflows and forms, each by the schema of who reads it
	@failed=0; \
	  $(SCHEMA) --schemafile .venv/check/lib/python3.11/site-packages/open_data_contract_standard/schema.json contracts/*.odcs.yaml || failed=1; \
	  $(SCHEMA) --builtin-schema vendor.github-workflows .github/workflows/*.yml || failed=1; \
	  $(SCHEMA) --builtin-schema vendor.github-actions .github/actions/*/action.yml || failed=1; \
	  $(SCHEMA) --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml || failed=1; \
	  $(SCHEMA) --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml || failed=1; \
	  $(SCHEMA) --builtin-schema vendor.dependabot .github/dependabot.yml || failed=1; \
	  exit $$failed
check-workflows: var/bin/actionlint.module
	@var/bin/actionlint -shellcheck= -pyflakes=
check-types: $(TESTS_READY) .venv/lake/.complete-shell .venv/check/.complete
	@$(CHECK)/mypy --no-error-summary --python-executable $(LAKE)/python \
	  --exclude 'run/(worker|spark_shell)|rehearsal/(aws|glue_doubles)/|glue/evaluate.py' deftunes mock_api rehearsal
check-types-spark: $(TESTS_READY) .venv/check/.complete
	@$(CHECK)/mypy --no-error-summary --python-executable $(SPARK)/python spark_jobs deftunes/run/worker.py deftunes/run/spark_shell.py
check-sql: .venv/check/.complete
	@$(CHECK)/sqlfluff lint --disable-progress-bar $(SQL_FILES)
check-contracts: $(TESTS_READY)
	@$(LAKE)/python -m pytest -q tests/contract

##@ Care
doctor: | python ## what this machine lacks, and how to get it
	@$(SYSTEM_PYTHON) -m deftunes.setup.doctor

audit: | python ## what is known against the versions locked here: docs/advisories.toml, and OSV where it answers
	@$(PYTHON) -m deftunes.setup.audit

check-locks: .venv/uv/.complete ## whether every lock resolves to wheels on Linux x86-64 and arm64 and on macOS arm64; asks the package index
	@$(SYSTEM_PYTHON) -m deftunes.setup.lock_platforms

sbom: $(READY) ## a bill of materials of what is installed, CycloneDX: var/sbom
	@$(PYTHON) -m deftunes.setup.sbom

test: $(TESTS_READY) ## unit, contract and integration tests: Spark's beside the others, and what they say after them
	@(umask 077; mkdir -p var/logs); $(MAKE) test-spark > var/logs/test-spark.log 2>&1 & spark=$$!; trap "kill $$spark" HUP INT TERM; \
	  $(MAKE) test-others; others=$$?; wait $$spark; spark=$$?; cat var/logs/test-spark.log; exit $$((others | spark))

test-spark: $(TESTS_READY)
	@$(SPARK)/python -m pytest -q $(wildcard tests/unit/spark_jobs tests/integration/spark_jobs)
test-others: $(TESTS_READY)
	@$(LAKE)/python -m pytest -q tests $(addprefix --ignore tests/,unit/spark_jobs integration/spark_jobs proof specification faults end_to_end dashboards dags stack rehearsal)

coverage: $(TESTS_READY) ## which lines of the Python code the tests reach, also of programs that they start; TIERS="test test-dags": of which tests
	@$(LAKE)/python -m tests.coverage_run $${TIERS:-test}

mutation: $(TESTS_READY) .venv/spark/.complete-mutation ## change the code in one place after the other and list what no test notices; PART=landing or silver, MINUTES=30, EVERY=1
	@$(SPARK)/python -m tests.mutation_run $${PART:-landing} $${MINUTES:-30} $${EVERY:-1} $${OF:+"$$OF"}

test-end-to-end: $(READY) .venv/lake/.complete-test .venv/lake/.complete-shell .venv/lake/.complete-notebook ## whole pipelines: again, older, later, late; takes minutes
	@$(LAKE)/python -m pytest -q -m 'not kit' tests/end_to_end

test-kit: $(READY) $(LINEAGE_READY) .venv/lake/.complete-test .venv/lake/.complete-notebook ## lineage by the events of runs, the notebook, and another user's attacks on it; takes minutes
	@$(LAKE)/python -m pytest -q -m kit tests/end_to_end tests/faults

test-faults: $(READY) .venv/lake/.complete-test .venv/lake/.complete-notebook ## kill runs, spoil sources, fill a disk, attack as another user; takes minutes
	@$(LAKE)/python -m pytest -q -m 'not kit' tests/faults

test-proof: $(TESTS_READY) ## kill a job before and after each of its commits, and draw long histories of a lake; takes an hour
	@$(SPARK)/python -m pytest -q tests/proof
	@HISTORIES=8 STEPS=16 $(LAKE)/python -m pytest -q tests/faults/test_histories.py

check-spec: .venv/quint/.complete .venv/lake/.complete-test ## the specification of the commit protocol, by Quint's simulator, and that it notices broken orders; needs npm; a minute or two
	@$(LAKE)/python -m pytest -q tests/specification

test-dashboards: $(READY) .venv/superset/.complete .venv/lake/.complete-test .venv/lake/.complete-browser ## every chart, by SQL and in a browser, and attacks
	@command -v $(CHROMIUM) > /dev/null || { echo '$(CHROMIUM) is not on this machine: apt-get install chromium (or CHROMIUM=/path/to/it)'; exit 1; }
	@CHROMIUM="$(CHROMIUM)" $(LAKE)/python -m pytest -q tests/dashboards

check: $(TESTS_READY) .venv/lake/.complete-shell .venv/check/.complete ## format, lint, types, SQL, contracts: all that is wrong, not only the first
	@$(MAKE) --keep-going $(CHECKS)

test-dags: $(AIRFLOW_READY) .venv/airflow/.complete-test .venv/airflow/.complete-openlineage ## Airflow's DAGs, in its own environment
	@SCHEDULE_FROM=2020-01-01 AIRFLOW_HOME=$(CURDIR)/var/tmp/airflow PYTHONPATH=$(CURDIR)/airflow .venv/airflow/bin/python -m pytest -q tests/dags

test-stack: $(READY) .venv/lake/.complete-test images ## the platform in containers: three days by Airflow, again, with faults and attacks, and with versitygw; takes minutes
	@OBJECT_STORE=versitygw $(COMPOSE) build object_store
	@$(LAKE)/python -m pytest -q tests/stack

bench-stack: $(LAKE_READY) images ## measure the stack, in a project of its own; takes minutes
	@$(LAKE)/python benchmarks/bench_stack.py

check-alerts: | promtool ## services/prometheus: its settings, its rules, and a case for and against each alert; needs Prometheus' promtool
	@promtool check config services/prometheus/prometheus.yml
	@promtool test rules services/prometheus/rules_test.yml

check-terraform: $(READY) .venv/iac/.complete | terraform ## terraform/: format, validity, tests, checkov; needs terraform
	@$(SYSTEM_PYTHON) terraform/package.py
	@terraform fmt -check -recursive terraform
	@for folder in terraform terraform/bootstrap terraform/modules/*; do \
	  terraform -chdir=$$folder init -backend=false -input=false > /dev/null && terraform -chdir=$$folder test || exit 1; \
	done
	@terraform -chdir=terraform validate
	@terraform -chdir=terraform/bootstrap validate
	@.venv/iac/bin/python -c 'import hcl2, sys; [hcl2.load(open(path)) for path in sys.argv[1:]]' \
	  $$(find terraform -name '*.tf' -not -path '*/.terraform/*') # checkov passes over a file it cannot read
	@$(SYSTEM_PYTHON) terraform/costs.py --check
	@.venv/iac/bin/checkov --quiet --compact --skip-download --directory terraform --framework terraform secrets \
	  --skip-path tests --skip-path mocks

##@ AWS (docs/aws.md)
aws-package: $(SPARK_READY) ## the archives that Glue jobs import, under var/jobs; before terraform apply
	@$(SYSTEM_PYTHON) terraform/package.py

aws-env: | terraform ## the values of what is deployed, as var/aws.env
	@mkdir -p var
	@outputs=$$(terraform -chdir=terraform output -json) && echo "$$outputs" | $(SYSTEM_PYTHON) -c 'import json, sys; \
	  [print(name.upper(), each["value"], sep="=") for name, each in json.load(sys.stdin).items()]' > var/aws.env
	@echo '  var/aws.env'

aws-smoke: $(REHEARSAL_READY) | terraform ## the platform once from nothing to nothing in your account; says what it costs and asks: AWS_REGION= ALERT_EMAIL=
	@$(LAKE)/python -m rehearsal.smoke

##@ Rehearsal: the aws target on emulated AWS (docs/aws.md)
rehearse: $(REHEARSAL_READY) | terraform ## terraform apply, jobs, DAGs and gold on emulators, to the parity table; takes minutes
	@$(LAKE)/python -m rehearsal

parity: $(REHEARSAL_READY) | terraform ## the same, the table into docs/parity.md; PROFILE=… compares with an account instead
	@if [ -z "$$PROFILE" ]; then $(LAKE)/python -m rehearsal --docs; else $(LAKE)/python -m rehearsal.parity --profile "$$PROFILE" \
	  --from "$${FROM:?the first day both sides ran}" --to "$${TO:?the last day both sides ran}"; fi

test-rehearsal: $(REHEARSAL_READY) .venv/superset/.complete .venv/lake/.complete-test .venv/lake/.complete-browser | terraform ## a rehearsal of one day, what may go wrong in it, the smoke test and the dashboards; takes minutes
	@$(LAKE)/python -m pytest -q tests/rehearsal

##@ More
bench: $(READY) ## measure; results are kept under benchmarks/results
	@$(LAKE)/deftunes bench --sizes "$${SIZES:-quick}"

docs: $(READY) ## dbt's documentation of every model, as a website under var/dbt/target
	@$(LAKE)/deftunes docs

contracts: $(LAKE_READY) .venv/check/.complete ## contracts/: what silver, gold and bi promise, as Open Data Contract Standard files, from the declarations
	@$(LAKE)/python -m deftunes.data_contracts

site: $(LAKE_READY) .venv/site/.complete ## docs and dbt's documentation as a website under var/site; a broken link is an error
	@$(SYSTEM_PYTHON) -m deftunes.site_pages
	@NO_MKDOCS_2_WARNING=1 .venv/site/bin/mkdocs build --strict # with --quiet it would not count its warnings

docs-targets: $(LAKE_READY) ## docs/targets.md: what differs between the targets and why, from the files of targets/
	@$(LAKE)/python -m deftunes.target_table

release-lake: $(READY) .venv/lake/.complete-test ## write a small lake by this release and keep it for the tests: tests/releases/VERSION.tar.xz
	@$(LAKE)/python -m tests.releases.record

lock: .venv/uv/.complete ## pin the newest versions that requirements/*.in allow
	@for name in uv go lake spark airflow rehearsal redshift shell notebook lineage openlineage test mutation check superset browser iac gold demo site; do \
	  .venv/uv/bin/uv --quiet pip compile --upgrade --generate-hashes --no-header --python-version 3.11 \
	    $$(case $$name in \
	        lake) echo --universal ;; \
	        notebook) echo --universal --constraint requirements/lake.txt ;; \
	        test) echo --constraint requirements/lake.txt --constraint requirements/spark.txt ;; \
	        mutation) echo --constraint requirements/spark.txt --constraint requirements/test.txt ;; \
	        redshift | shell | gold | demo) echo --constraint requirements/lake.txt ;; \
	        browser) echo --constraint requirements/lake.txt --constraint requirements/test.txt ;; \
	        openlineage) echo --constraint requirements/airflow.txt ;; \
	        lineage) echo --constraint requirements/lake.txt --constraint requirements/redshift.txt ;; esac) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

.PHONY: help setup run services dashboards dashboards-export down status query rules metrics lineage history diff rollback clean up up-core up-metrics images ps logs backfill base-image compose-plugin \
  doctor audit sbom coverage mutation test test-spark test-others test-proof test-end-to-end test-kit test-faults test-dags test-stack test-dashboards check bench bench-stack docs docs-targets contracts site release-lake lock python engine \
  check-terraform fmt unit watch gold dbt shell notebook spark-shell $(CHECKS) check-locks check-spec rehearse parity test-rehearsal aws-package aws-env aws-smoke check-alerts terraform promtool npm FORCE

# Stamp files, written last: what is older than its lock is made again; and all of them where the checkout was moved or copied to.
.venv/made_at: FORCE
	@[ "$$(cat $@ 2> /dev/null)" = "$$(pwd -P)" ] || { mkdir -p .venv && pwd -P > $@; }
FORCE:
python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo '$(PYTHON) is not on this machine: apt-get install python3.11 python3.11-venv (or PYTHON=/path/to/python3.11)'; exit 1; }

engine:
	@$(COMPOSE) version > /dev/null 2>&1 && docker info > /dev/null 2>&1 || { \
	  echo 'no container engine with compose answers here: make doctor says what is lacking'; exit 1; }
	@services/env.sh # passwords that .env lacks
terraform:
	@command -v terraform > /dev/null || { \
	  echo 'terraform is not on this machine: it is one program, version 1.11 or newer; developer.hashicorp.com/terraform/install says how'; exit 1; }

promtool:
	@command -v promtool > /dev/null || { echo 'promtool is not on this machine: apt-get install prometheus'; exit 1; }

npm:
	@command -v npm > /dev/null || { echo 'npm is not on this machine: apt-get install npm, with Node.js 18 or newer'; exit 1; }

.venv/uv/.complete: requirements/uv.txt .venv/made_at | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments uv
.venv/lake/.complete: requirements/lake.txt deftunes/setup/environments.py .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments lake
.venv/spark/.complete: requirements/spark.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments spark
.venv/airflow/.complete: requirements/airflow.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments airflow
.venv/check/.complete: requirements/check.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments check
.venv/superset/.complete: requirements/superset.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments superset
.venv/%/.complete-browser: requirements/browser.txt .venv/%/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments $*-browser
.venv/iac/.complete: requirements/iac.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments iac
.venv/%/.complete-test: requirements/test.txt .venv/%/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments $*-test
.venv/spark/.complete-mutation: requirements/mutation.txt .venv/spark/.complete-test | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments spark-mutation
.venv/site/.complete: requirements/site.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments site
.venv/rehearsal/.complete: requirements/rehearsal.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments rehearsal
.venv/go/.complete: requirements/go.txt .venv/uv/.complete | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments go
.venv/quint/.complete: tests/specification/package-lock.json tests/specification/package.json | npm
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@
.venv/lake/.complete-redshift: requirements/redshift.txt $(LAKE_READY) | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments lake-redshift
.venv/lake/.complete-lineage: requirements/lineage.txt .venv/lake/.complete-redshift | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments lake-lineage
.venv/lake/.complete-notebook: requirements/notebook.txt $(LAKE_READY) | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments lake-notebook
.venv/airflow/.complete-openlineage: requirements/openlineage.txt $(AIRFLOW_READY) | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments airflow-openlineage
.venv/lake/.complete-shell: requirements/shell.txt $(LAKE_READY) | python
	@$(SYSTEM_PYTHON) -m deftunes.setup.environments lake-shell
var/jars/.complete-s3: requirements/jars-s3.txt $(READY)
	@$(LAKE)/python -m deftunes.setup.jar_fetch jars-s3
	@touch $@
var/jars/.complete-lineage: requirements/jars-lineage.txt $(READY)
	@$(LAKE)/python -m deftunes.setup.jar_fetch jars-lineage
	@touch $@
var/bin/minio.module: services/minio/Dockerfile $(LAKE_READY)
	@command -v go > /dev/null || $(MAKE) .venv/go/.complete
	@$(LAKE)/python -m rehearsal.object_store
	@touch $@
var/bin/actionlint.module: Makefile
	@[ "$$(cat $@ 2> /dev/null)" = "$(ACTIONLINT)" ] || { \
	  command -v go > /dev/null || $(MAKE) .venv/go/.complete; \
	  GOBIN=$(CURDIR)/var/bin GOTOOLCHAIN=local CGO_ENABLED=0 PATH="$$PATH:$(CURDIR)/.venv/go/bin" go install -trimpath $(ACTIONLINT); }
	@echo $(ACTIONLINT) > $@
var/jars/.complete: requirements/jars.txt $(LAKE_READY) $(SPARK_READY)
	@$(LAKE)/python -m deftunes.setup.jar_fetch
