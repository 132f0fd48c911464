# make demo    train, test and compare the decoders on synthetic faces (or: DATA=folder CONFIG=file)
# make test    run the tests
# make env     build the environment in .venv; the other targets do so first
# make doctor  versions, and a remedy for everything that is wrong with the environment
# make lint    style, import directions, spelling
# make matrix  tests in an environment for each Python from 3.10 to 3.13 (an hour, 25 GB)
# make clean   remove .venv and build folders; data and results stay
#
# Variables: PYTHON (3.10 to 3.13), VENV (.venv), CONSTRAINTS (a pip constraint file with other
# versions), MMCV=full (compile mmcv's operators, 6 to 10 minutes; MAX_JOBS compilers at a time).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
CONSTRAINTS ?= requirements/constraints.txt
MMCV ?= lite
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
STAMPS := $(VENV)/stamps
# With PYTHONPATH set, packages from elsewhere could shadow those of the environment.
unexport PYTHONPATH

.PHONY: help env test demo doctor lint matrix clean
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# --- environment -----------------------------------------------------------------------------

env: $(STAMPS)/package

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || { \
	  echo "error: PYTHON=$(PYTHON) is not Python 3.10 to 3.13. Set it: make PYTHON=python3.11"; exit 2; }
	@case '$(MMCV)' in lite|full) ;; *) \
	  echo 'error: MMCV=$(MMCV) is unknown, use lite (pure Python) or full (compiled)'; exit 2;; esac
	@echo "==> Making the environment in $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(STAMPS)/build: requirements/build.txt $(CONSTRAINTS) | $(BIN)/python
	@echo '==> [1/4] Installing torch (200 MB for a CPU, up to 3 GB for CUDA)'
	@$(PIP) install -r requirements/build.txt -c $(CONSTRAINTS)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/stack: requirements/stack.txt requirements/tests.txt $(STAMPS)/build
	@echo '==> [2/4] Installing what MMPose and the tests need'
	@$(PIP) install -r requirements/stack.txt -r requirements/tests.txt -c $(CONSTRAINTS)
	@touch $@

# torchvision must fit torch; there is no CPU build, but 0.16.2 without its operators does for MMPose.
$(STAMPS)/openmmlab: requirements/mminstall.txt $(STAMPS)/stack
	@echo '==> [3/4] Installing MMPose'
	@$(PIP) install --no-deps -r requirements/mminstall.txt timm \
	  "torchvision==$$($(BIN)/python -c 'import torch; \
	  minor = int(torch.__version__.split(".")[1]); \
	  print(f"0.{minor + 15}.*" if torch.version.cuda else "0.16.2")')"
	@touch $@

# Compiled operators for those who need them; landmark networks do not.
$(STAMPS)/mmcv-lite: $(STAMPS)/openmmlab
	@touch $@

FULL_MMCV := mmcv==2.1.0
$(STAMPS)/mmcv-full: $(STAMPS)/openmmlab
	@echo '==> Compiling the operators of $(FULL_MMCV): 77 steps, 6 to 10 minutes on two cores.'
	@echo '    Seconds if pip has kept the wheel of an earlier build. Log: $(VENV)/mmcv.log'
	@$(PIP) install ninja psutil && $(PIP) uninstall -y mmcv-lite
	@MMCV_WITH_OPS=1 $(BIN)/python -m pip install -v --no-deps --no-build-isolation $(FULL_MMCV) 2>&1 \
	  | tee $(VENV)/mmcv.log | { grep --line-buffered -oE '^ *\[[0-9]+/[0-9]+\]' || true; } \
	  | { while read -r step; do printf '\r    %s' "$$step"; done; echo; } \
	|| { tail -n 30 $(VENV)/mmcv.log; echo 'error: mmcv was not built, see $(VENV)/mmcv.log'; exit 1; }
	@touch $@

# The doctor puts stand-ins where operators of mmcv and xtcocotools would be, and says which.
$(STAMPS)/package: setup.py mmpose_multilat/version.py requirements/runtime.txt $(STAMPS)/mmcv-$(MMCV)
	@echo '==> [4/4] Installing mmpose-multilat, editable'
	@$(PIP) install --no-build-isolation -e . -c $(CONSTRAINTS)
	@$(BIN)/python -m mmpose_multilat.tools.doctor --fix
	@touch $@

# --- tests -----------------------------------------------------------------------------------

# Tests run in a process for each processor, with one thread each: threads that share a processor
# wait for one another.
test: export OMP_NUM_THREADS = 1
test: env
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist worksteal

lint: env
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell && $(BIN)/lint-imports

matrix:
	@$(PYTHON) requirements/matrix.py

doctor:
	@$(if $(wildcard $(BIN)/python),$(BIN)/python,$(PYTHON)) -m mmpose_multilat.tools.doctor

# --- demo ------------------------------------------------------------------------------------

CONFIG ?= projects/demo/multilat_hrnetv2-w18_1xb16-12e_synthetic-300w-256x256-hm16.py
WORK_DIR := work_dirs/demo/$(basename $(notdir $(CONFIG)))
RESULTS := outputs/demo/$(basename $(notdir $(CONFIG)))
SYNTHETIC := data/synthetic
# Loaders of all three loops look for the data set in DATA, if it is given.
OPTIONS := $(if $(DATA),--cfg-options $(foreach loop,train val test,\
  $(loop)_dataloader.dataset.data_root=$(abspath $(DATA))/))

.PHONY: check-demo
check-demo:
	@for path in $(DATA) $(CONFIG); do \
	  [ -e "$$path" ] || { echo "error: $$path does not exist (DATA=folder CONFIG=file)"; exit 2; }; \
	done

demo: export PYTHONWARNINGS = ignore
demo: check-demo env $(if $(DATA),,$(SYNTHETIC)/300w)
	@echo '==> Training: mim train mmpose $(CONFIG)'
	@$(BIN)/mim train mmpose $(CONFIG) --work-dir $(WORK_DIR) $(OPTIONS)
	@echo "==> Testing: mim test mmpose $(CONFIG) --checkpoint $$(cat $(WORK_DIR)/last_checkpoint)"
	@$(BIN)/mim test mmpose $(CONFIG) --checkpoint "$$(cat $(WORK_DIR)/last_checkpoint)" \
	  --work-dir $(WORK_DIR) $(OPTIONS)
	@echo '==> Comparing the decoders on the same checkpoint'
	@$(BIN)/python -m mmpose_multilat.tools.compare_decoders $(CONFIG) \
	  "$$(cat $(WORK_DIR)/last_checkpoint)" --out $(RESULTS) $(OPTIONS)

$(SYNTHETIC)/300w: | env
	@echo '==> Drawing synthetic faces'
	@$(BIN)/python -m mmpose_multilat.tools.make_synthetic_faces 300w \
	  --out $(SYNTHETIC) --train 800 --test 160 --seed 0

clean:
	rm -rf $(VENV) .venv-matrix build dist *.egg-info mmpose_multilat/.mim
