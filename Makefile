# Every target is a script below hack/; this file only names them.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-check bench-scale bench-reconcile fuzz soak down

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## start everything on this machine and play the main job, step by step
	@hack/demo

test: ## every test there is, those on the real cluster included
	@hack/test

check: ## formatting, lints, docs, licences, scripts, chart, generated files
	@hack/check

bench: ## figures: commit pushed to pods ready, memory
	@hack/bench

bench-check: ## figures: the check of definitions alone, 400 and 40,000 jobs
	@hack/bench-check

bench-scale: ## figures: a thousand objects side by side with Flux's source-controller, and ten thousand
	@hack/bench-scale

bench-reconcile: ## figures: a reconcile with nothing to do, one of a thousand and of ten thousand
	@hack/bench-reconcile

fuzz: ## feed random input to the parsers for a while
	@hack/fuzz

soak: ## what is too long for `make test`: laws in many worlds, random input, the trials again and again
	@hack/soak

down: ## stop the cluster and remove all of it but the cache
	@hack/cluster down
