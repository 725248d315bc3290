# The work is in ci/: the same files run by hand, by `make` and in Actions.
.DEFAULT_GOAL := help
.PHONY: help dev test check clean vm
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## the whole stack on this machine, from nothing; again: only what changed
	@ci/dev

test: ## all tests, with all that they need
	@ci/test

check: ## style, types and the fast tests; needs no Docker and no Pulumi
	@ci/check

vm: ## a sandbox in a virtual machine of this machine: deployed, proved, removed
	@ci/vm

clean: ## stops and removes what `make dev` and `make test` started
	@ci/clean
