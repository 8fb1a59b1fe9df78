# Two commands are enough: `make demo` opens the simulated observing night, `make test` runs everything.
# Both do their own set-up; see .ci/setup. PYTHON=... chooses the interpreter.

BIN = .venv/bin
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
       --generate-hashes --no-emit-index-url --no-emit-find-links --group build pyproject.toml

ALONE = tests/benchmarks tests/test_screenshots.py

.PHONY: demo test lint bench setup screenshots lock clean
.NOTPARALLEL:

demo:
	@.ci/setup run
	@$(BIN)/efdviewer demo

# The quick checks come first, so that a typing error does not wait for the whole suite. What measures, or
# has a screen of its own, runs alone.
test: lint
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ALONE:%=--ignore %)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ALONE)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

setup:
	@.ci/setup dev

# Every figure beside its rivals and its limit, as a table: build/bench.md and build/bench.json. About 10 minutes.
bench: setup
	$(BIN)/python -m tests.benchmarks $(BENCH)

# All pictures to judge the window by; the README's are copied beside it.
screenshots: setup
	$(BIN)/python -m tests.screens $(BIN)/python -m tests.screenshots build/screenshots
	mkdir -p docs/pictures
	cp build/screenshots/window-dark-1280.png docs/pictures/window-dark.png
	cp build/screenshots/close-light-1280.png docs/pictures/close-light.png
	for scene in events happened intervals states epochs cursors statistics derived derive clocks latency delays \
		scatter schema; do \
		cp build/screenshots/$$scene-dark-1280.png docs/pictures/$$scene-dark.png; done

# Versions stay as they are where pyproject.toml still allows them; `make lock UPGRADE=--upgrade` renews them all.
lock: setup
	$(LOCK) $(UPGRADE) --output-file requirements.lock
	$(LOCK) $(UPGRADE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find efdviewer tests -name __pycache__ -prune -exec rm -rf {} +
