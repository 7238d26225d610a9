# Each target does all of its own set-up; packaging/prepare.py makes a second run start at once.

.DEFAULT_GOAL := help
.PHONY: help run test lint bench oracle soak shots package clean

PYTHON ?= $(firstword $(shell command -v python3 || command -v python3.11 || command -v python3.12 \
            || command -v python3.13 || command -v python3.14) python3)
PREPARE = @"$(PYTHON)" packaging/prepare.py
VENV    = .venv/bin/python
# Another program's packages (PyTorch, PyInstaller) live in environments of their own beside the real one.
SIDE    = $(PYTHON) packaging/side_venv.py
QUIET_QT = QT_QPA_PLATFORM=offscreen OPENBLAS_NUM_THREADS=1

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: ## open the window on the worked example (without a display: as text and as a picture)
	$(PREPARE) run
	@$(VENV) packaging/run.py

test: lint ## everything that must hold before a commit
	@$(QUIET_QT) $(VENV) -m pytest -n 2 --dist worksteal

lint: ## style, types and the direction of the imports
	$(PREPARE) test
	@$(VENV) -m ruff check
	@$(VENV) -m ruff format --check
	@$(VENV) -m mypy
	@$(VENV) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

bench: ## speed against scikit-learn and PyTorch, and the window's frame intervals while training
	$(PREPARE) test
	@$(SIDE) bench
	@QT_QPA_PLATFORM=offscreen build/bench-venv/bin/python -m tests.benchmarks

oracle: ## make PyTorch's and scikit-learn's stored answers again
	$(PREPARE) test
	@$(SIDE) bench
	@build/bench-venv/bin/python tests/oracle/generate.py
	@build/bench-venv/bin/python tests/oracle/generate_parts.py
	@build/bench-venv/bin/python tests/oracle/generate_layers.py
	@build/bench-venv/bin/python tests/oracle/generate_updates.py
	@build/bench-venv/bin/python tests/oracle/generate_float32.py
	@build/bench-venv/bin/python tests/oracle/generate_curves.py

soak: ## the slow tests: long runs, many closings
	$(PREPARE) test
	@$(QUIET_QT) $(VENV) -m pytest -m slow --override-ini=faulthandler_timeout=1800 \
	    || { [ $$? -eq 5 ] && echo "no test is marked slow yet"; }

shots: ## the window at every phase, dark and light, into build/shots
	$(PREPARE) run
	@$(VENV) packaging/shots.py

package: ## the frozen program and the .deb into dist, each smoke-tested
	$(PREPARE) package
	@$(SIDE) package
	@build/package-venv/bin/python packaging/build.py

clean: ## remove all that was made, the environments included
	@rm -rf build dist .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find app tests packaging -name __pycache__ -prune -exec rm -rf {} +
