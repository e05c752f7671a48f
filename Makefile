# One command from a fresh clone: `make fig6`. Needs Python 3.11 or 3.12 with venv; the rest comes pinned from requirements.lock.
PYTHON ?= python3
CORES ?= all
export NO_MKDOCS_2_WARNING := 1    # an advertisement
unexport PYTHONDONTWRITEBYTECODE   # where it is set, every job would compile torch and transformers anew: more than half of its start
UV := .bootstrap/bin/uv
BIN := .venv/bin

FIGURES := fig2 fig4 fig5 fig5-layers codes fig6 fig6-paper fig7 fig7-axes fig8 fig9 fig10 figa6-a7 figa8 figa10 figa13 figa14-a15 figa16 figa17 figa18 figa19 figa20 figa21 images-needed table43 tablec1 verdict

.PHONY: all $(FIGURES) explorer report site slurm test lint format clean
.DELETE_ON_ERROR:

all: .venv/installed
	$(BIN)/snakemake --cores $(CORES)

$(FIGURES): .venv/installed
	$(BIN)/snakemake --cores $(CORES) results/figures/$@.pdf

slurm: .venv/installed
	$(UV) pip install --python $(BIN)/python --require-hashes --no-deps --requirement profiles/slurm/requirements.lock \
	  || $(BIN)/python -m pip install --require-hashes --no-deps --requirement profiles/slurm/requirements.lock

explorer: .venv/installed
	$(BIN)/snakemake --cores $(CORES) results/explorer.html

report: .venv/installed            # of all figures: results/run.html asks for them
	$(BIN)/snakemake --cores $(CORES) all results/run.html
	$(BIN)/snakemake --report results/report.html all results/run.html

site: .venv/installed
	$(BIN)/mkdocs build --strict --quiet

# numpy is imported before tests/conftest.py can tell it to start no threads
test: export OPENBLAS_NUM_THREADS := 1
test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mkdocs build --strict --quiet

format: .venv/installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/snakefmt Snakefile workflow

clean:
	rm -rf results logs build .snakemake .pytest_cache .ruff_cache .import_linter_cache

# uv installs with the hashes of the lock file; where it cannot reach an index that pip is configured for, pip does it.
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
	  || { echo 'error: $(PYTHON) is not Python 3.11 or 3.12; name one: make PYTHON=python3.11'; exit 1; }
	test -x $(UV) || { $(PYTHON) -m venv .bootstrap && .bootstrap/bin/pip install --quiet uv==0.9.30; }
	$(UV) venv --quiet --allow-existing --seed --python $(PYTHON) .venv
	$(UV) pip install --python $(BIN)/python --require-hashes --requirement requirements.lock \
	  || $(BIN)/python -m pip install --require-hashes --requirement requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --no-index --editable . \
	  || $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	touch $@
