# Every target sets up what it needs: on a fresh machine `make review` or `make test` is enough.
# Python 3.11 or later, pip and make are expected, nothing else.

PYTHON ?= python3
ENV := .venv
RUN := $(ENV)/bin/python
READY := $(ENV)/ready
TESTS := $(ENV)/ready-for-tests
PATIENT := $(RUN) tests/patience.py
PINNED := $(RUN) -m pip install -q --require-hashes --only-binary :all:
UNREACHED := { echo "The pinned packages could not be installed: pip must reach its index" >&2; exit 1; }
OUT ?= reports/samples
WORKSPACE ?= workspace
COUNT ?= 100000

export PYTHONPATH :=
export PYTHONHOME :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help setup review test lint lab bench coverage fix fuzz prove licences audit wheel regenerate \
  samples ocr cluster postgres lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */             /; s/^(.{13}) */\1/'

setup: $(READY) ## make the environment in .venv from requirements.lock

# Where Debian's own venv package is missing, virtualenv makes the environment instead. pip puts it
# into a folder of the project, never into the system.
$(ENV)/core: requirements.lock
	@echo "Setting up $(ENV), once: some 760 MB, a few minutes"
	@rm -rf $(ENV) $(ENV)-bootstrap
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed: set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(ENV) >/dev/null 2>&1 \
	  || { rm -rf $(ENV); $(PYTHON) -m pip install -q --target $(ENV)-bootstrap virtualenv \
	       && PYTHONPATH=$(ENV)-bootstrap $(PYTHON) -m virtualenv -q $(ENV); } \
	  || { echo "No environment could be made: install python3-venv, or let pip reach its index" >&2; exit 1; }
	@$(RUN) tests/setting_up.py requirements.lock || $(UNREACHED)
	@rm -rf $(ENV)-bootstrap
	@touch $@

# What builds the package is needed for a moment only, and stays out of the environment.
$(READY): $(ENV)/core pyproject.toml
	@$(RUN) tests/supply.py pins hatchling editables > $(ENV)/build.txt
	@rm -rf $(ENV)-bootstrap
	@$(PINNED) --target $(ENV)-bootstrap -r $(ENV)/build.txt || $(UNREACHED)
	@PYTHONPATH=$(ENV)-bootstrap \
	  $(RUN) -m pip install -q --no-deps --no-build-isolation --no-index -e .
	@rm -rf $(ENV)-bootstrap
	@touch $@

$(TESTS): $(READY) requirements-test.lock
	@echo "Adding what the tests need to $(ENV), once: a few minutes"
	@$(RUN) tests/setting_up.py requirements-test.lock || $(UNREACHED)
	@touch $@

ocr: ## add what reads scans to the environment
cluster: ## add what gives work to a Dask cluster, and opens addresses such as s3://
postgres: ## add what keeps decisions in a PostgreSQL database
ocr cluster postgres: $(READY)
	@$(RUN) tests/supply.py pins $@ > $(ENV)/$@.txt
	@$(PINNED) -r $(ENV)/$@.txt || $(UNREACHED)

review: $(READY) ## review the sample reports and say where the workpapers are
	@$(RUN) -m auditkit review data/samples --out $(OUT)

test: lint ## run all checks and tests, the notebooks with nbval among them
	@$(PATIENT) pytest -q -rs -n 2
	@$(PATIENT) pytest -q -n 2 --dist loadfile -p no:cacheprovider -p auditkit.notebook.quick -W ignore --nbval \
	  --nbval-sanitize-with auditkit/notebook/guard/nbval_sanitize.cfg --nbval-cell-timeout 60 notebooks

lint: $(TESTS) ## check format, style, types and layers
	@echo "Checking format and style"
	@$(RUN) -m ruff format --check -q .
	@$(RUN) -m ruff check -q .
	@echo "Checking types (a minute or two the first time)"
	@$(PATIENT) mypy auditkit
	@echo "Checking notebooks and layers"
	@$(RUN) tests/notebook_files.py --check
	@$(ENV)/bin/lint-imports --no-cache > /dev/null || $(ENV)/bin/lint-imports --no-cache

fix: $(TESTS) ## format the code and mend what can be mended by itself
	@$(RUN) -m ruff check -q --fix .
	@$(RUN) -m ruff format -q .

lab: $(READY) ## open a workspace with the notebooks in JupyterLab: WORKSPACE, workspace/ by default
	@$(RUN) -m auditkit init $(WORKSPACE) --open

bench: $(TESTS) ## measure reading beside other libraries, checks, batches and notebooks in one run
	@$(RUN) tests/benchmarks/run.py

coverage: $(TESTS) ## measure which branches the tests take (in their processes, too)
	@rm -f .coverage .coverage.*
	@$(RUN) -m coverage run -m pytest -q -n 2 -p no:cacheprovider -W default
	@$(RUN) -m coverage combine -q
	@$(RUN) -m coverage report

fuzz: $(TESTS) ## put COUNT damaged files to the readers, files that show other values, and odd texts to the parsers
	@$(RUN) tests/fuzzing.py --count $(COUNT)
	@$(RUN) tests/tricks.py --count 20000
	@HYPOTHESIS_MAX_EXAMPLES=20000 $(RUN) -m pytest -q tests/properties
	@DUMP_MUTATIONS=10000 $(RUN) -m pytest -q tests/test_dump.py -k damaged
	@$(RUN) tests/layouts.py --count 300

prove: fuzz ## show at length what the tests show in short, a line a measure (an hour and more)
	@$(PATIENT) pytest -q -n 2 --long
	@$(RUN) tests/measure_reading.py
	@$(RUN) tests/measure_doubts.py
	@$(RUN) tests/measure_desk.py
	@$(RUN) tests/measure_scans.py
	@$(RUN) tests/newcomer.py
	@$(RUN) tests/layouts.py --count 3000
	@$(RUN) tests/systems.py --kind html xlsx pdf
	@$(RUN) tests/clean_forms.py --kinds
	@$(RUN) tests/benchmarks/batch.py
	@$(RUN) tests/planted.py
	@$(RUN) tests/engagements.py --forms 200

licences: $(TESTS) ## list the licences of all packages; fail on one that may not be passed on
	@$(RUN) tests/supply.py licences

audit: $(TESTS) ## ask for known flaws of the pinned packages; 2 where nothing answers
	@test -d $(ENV)-audit || $(RUN) -m pip install -q --target $(ENV)-audit pip-audit \
	  || { rm -rf $(ENV)-audit; echo "Not checked: pip-audit could not be installed" >&2; exit 2; }
	@$(RUN) tests/supply.py flaws $(ENV)-audit

wheel: $(TESTS) ## build the wheel of what is committed, the same bytes whenever it is built
	@$(RUN) tests/supply.py wheel dist

regenerate: $(TESTS) ## write the golden files and notebook outputs anew, to be reviewed as a diff
	@$(RUN) tests/test_corpus.py --regenerate
	@$(RUN) tests/test_rules.py --regenerate
	@$(RUN) tests/test_wrong_usage.py --regenerate
	@$(RUN) -W ignore tests/notebook_files.py --execute
	@$(RUN) tests/pictures.py
	@$(RUN) tests/newcomer.py --ready --picture data/samples/boiler-2019/boiler-2019.pdf

lock: $(READY) ## pin what pyproject.toml asks for, in requirements.lock and requirements-test.lock
	@test -d $(ENV)-lock || $(RUN) -m pip install -q --target $(ENV)-lock uv
	@$(RUN) tests/supply.py lock $(ENV)-lock

samples: $(TESTS) ## print the sample reports anew (needs LibreOffice and the fonts of .ci/run)
	@$(RUN) data/make_samples.py

clean: ## remove the environment and caches; never data/, nor reports/, where somebody may have written
	@rm -rf $(ENV) $(ENV)-bootstrap $(ENV)-audit $(ENV)-lock .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis .import_linter_cache .coverage .coverage.* build dist *.egg-info
	@find auditkit tests data notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
