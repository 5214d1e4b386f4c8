# The commands of this project; `make` lists them. The work is done by the `deftunes` program: `.venv/lake/bin/deftunes --help`.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.11
CHROMIUM ?= chromium
LAKE := .venv/lake/bin
SPARK := .venv/spark/bin
CHECK := .venv/check/bin
LAKE_READY := .venv/lake/.complete
SPARK_READY := .venv/spark/.complete
READY := $(LAKE_READY) $(SPARK_READY) var/jars/.complete

# Handed on through the environment, so that no shell reads what is in them.
export FROM TO SEED SCALE API_URL SOURCE_DSN SONGS_CSV SQL

##@ Use
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  \033[36mmake %-18s\033[0m %s\n", $$1, $$2 }' Makefile
	@printf '\n\033[1m%s\033[0m\n' 'Variables of make run'
	@printf '  %-22s%s\n' 'FROM=, TO=' 'first and last day, both included (2020-01-01, 2020-03-31)' \
	  'SEED=, SCALE=' 'which data are made up, and how many (42, 1)' \
	  'API_URL=' 'a source API of your own' \
	  'SOURCE_DSN=' 'a song database of your own; its password is SOURCE_PASSWORD' \
	  'SONGS_CSV=' 'a real song catalogue instead of a made-up one'

setup: $(READY) ## install everything; `run` and `test` do it when needed

run: $(READY) ## the whole pipeline: sources to a published star schema
	@$(LAKE)/deftunes run $${FROM:+--from "$$FROM"} $${TO:+--to "$$TO"} $${SEED:+--seed "$$SEED"} \
	  $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"}

up: $(READY) ## start the services only: PostgreSQL, mock API, Iceberg catalog
	@$(LAKE)/deftunes up $${SEED:+--seed "$$SEED"} $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"}

dashboards: $(READY) .venv/superset/.complete ## Superset over what was published; prints where to click, and as whom
	@$(LAKE)/deftunes dashboards $${SEED:+--seed "$$SEED"} $${SCALE:+--scale "$$SCALE"} $${SONGS_CSV:+--songs-csv "$$SONGS_CSV"}

dashboards-export: $(READY) .venv/superset/.complete ## write what was changed in Superset back to superset/assets
	@$(LAKE)/deftunes dashboards-export

down: ## stop the services
	@if [ -x $(LAKE)/deftunes ]; then $(LAKE)/deftunes down; fi

status: $(LAKE_READY) ## services; per table: rows, last window, verdicts
	@$(LAKE)/deftunes status

query: $(LAKE_READY) ## ask the star schema: make query SQL="select ..."
	@$(LAKE)/deftunes query "$${SQL:?write it as: make query SQL=\"select * from bi.sales_per_country_vw limit 5\"}"

rules: $(LAKE_READY) ## the last verdicts, and how to see the offending rows
	@$(LAKE)/deftunes rules

clean: ## stop the services and remove all data, but not what set-up fetched
	@if [ -x $(LAKE)/deftunes ]; then $(LAKE)/deftunes clean; fi

##@ Care
doctor: | python ## what this machine lacks, and how to get it
	@$(PYTHON) -m deftunes.doctor

test: $(READY) .venv/lake/.complete-test .venv/spark/.complete-test ## unit, contract and integration tests
	@$(SPARK)/python -m pytest -q $(wildcard tests/unit/spark_jobs tests/integration/spark_jobs)
	@$(LAKE)/python -m pytest -q tests --ignore tests/unit/spark_jobs --ignore tests/integration/spark_jobs --ignore tests/faults --ignore tests/end_to_end --ignore tests/dashboards

test-end-to-end: $(READY) .venv/lake/.complete-test ## whole pipelines: again, older, later, late; takes minutes
	@$(LAKE)/python -m pytest -q tests/end_to_end

test-faults: $(READY) .venv/lake/.complete-test ## kill runs, spoil sources, fill a disk; takes minutes
	@$(LAKE)/python -m pytest -q tests/faults

test-dashboards: $(READY) .venv/superset/.complete .venv/lake/.complete-test .venv/lake/.complete-browser ## every chart, by SQL and in a browser
	@command -v $(CHROMIUM) > /dev/null || { echo '$(CHROMIUM) is not on this machine: apt-get install chromium (or CHROMIUM=/path/to/it)'; exit 1; }
	@CHROMIUM="$(CHROMIUM)" $(LAKE)/python -m pytest -q tests/dashboards

check: $(READY) .venv/lake/.complete-test .venv/spark/.complete-test .venv/check/.complete ## format, lint, types, SQL, contracts
	@$(CHECK)/ruff format --quiet --check .
	@$(CHECK)/ruff check --quiet .
	@$(CHECK)/mypy --no-error-summary --python-executable $(LAKE)/python --exclude spark_worker deftunes mock_api
	@$(CHECK)/mypy --no-error-summary --python-executable $(SPARK)/python spark_jobs deftunes/spark_worker.py
	@$(CHECK)/sqlfluff lint --disable-progress-bar dbt/models dbt/tests
	@$(LAKE)/python -m pytest -q tests/contract

bench: $(READY) ## measure; results are kept under benchmarks/results
	@$(LAKE)/deftunes bench --sizes "$${SIZES:-quick}"

docs: $(READY) ## dbt's documentation of every model, as a website under var/dbt/target
	@$(LAKE)/deftunes docs

lock: .venv/uv/.complete ## pin the newest versions that requirements/*.in allow
	@for name in uv lake spark test check superset browser; do \
	  .venv/uv/bin/uv --quiet pip compile --upgrade --generate-hashes --no-header --python-version 3.11 \
	    $$(case $$name in \
	        test) echo --constraint requirements/lake.txt --constraint requirements/spark.txt ;; \
	        browser) echo --constraint requirements/lake.txt --constraint requirements/test.txt ;; esac) \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

.PHONY: help setup run up down status query rules clean doctor test test-end-to-end test-faults dashboards dashboards-export test-dashboards check bench docs lock python

# Stamp files, written last: what is older than its lock is made again.
python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo '$(PYTHON) is not on this machine: apt-get install python3.11 python3.11-venv (or PYTHON=/path/to/python3.11)'; exit 1; }

.venv/uv/.complete: requirements/uv.txt | python
	@$(PYTHON) -m deftunes.environments uv
.venv/lake/.complete: requirements/lake.txt pyproject.toml .venv/uv/.complete | python
	@$(PYTHON) -m deftunes.environments lake
.venv/spark/.complete: requirements/spark.txt .venv/uv/.complete | python
	@$(PYTHON) -m deftunes.environments spark
.venv/check/.complete: requirements/check.txt .venv/uv/.complete | python
	@$(PYTHON) -m deftunes.environments check
.venv/superset/.complete: requirements/superset.txt .venv/uv/.complete | python
	@$(PYTHON) -m deftunes.environments superset
.venv/%/.complete-browser: requirements/browser.txt .venv/%/.complete | python
	@$(PYTHON) -m deftunes.environments $*-browser
.venv/%/.complete-test: requirements/test.txt .venv/%/.complete | python
	@$(PYTHON) -m deftunes.environments $*-test
var/jars/.complete: requirements/jars.txt $(LAKE_READY) $(SPARK_READY)
	@$(LAKE)/python -m deftunes.jar_fetch
