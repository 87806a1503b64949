# shellcheck shell=bash
# The demo's repository on the Git host, and commits to it.

export GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@example.com GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@example.com

REPOSITORY=billing-jobs
COMMIT=''
PUSHED=''

# git_api METHOD PATH [BODY]
git_api() {
  curl -fsS -u "$TENGINE_GIT_ADMIN:$TENGINE_GIT_PASSWORD" -X "$1" -H 'Content-Type: application/json' ${3:+--data "$3"} \
    "$TENGINE_GIT_URL/api/v1/$2"
}

git_repository() {
  printf '  $ %s\n' "curl -u USER:PASSWORD -d '{\"name\":\"$REPOSITORY\",\"private\":true}' $TENGINE_GIT_URL/api/v1/user/repos"
  git_api POST user/repos "{\"name\":\"$REPOSITORY\",\"private\":true}" | jq -r '"    \(.clone_url), private: \(.private)"'
  git init -q -b main "$WORK/jobs"
  git -C "$WORK/jobs" remote add origin \
    "http://$TENGINE_GIT_ADMIN:$TENGINE_GIT_PASSWORD@${TENGINE_GIT_URL#http://}/$TENGINE_GIT_ADMIN/$REPOSITORY.git"
  cp -r examples/definitions/billing/. "$WORK/jobs/"
}

# git_push MESSAGE: commits what changed and pushes it.
git_push() {
  git -C "$WORK/jobs" add -A
  run git -C "$WORK/jobs" commit -m "$1"
  git_publish
}

# Takes the last commit back, with a commit of its own.
git_revert() {
  run git -C "$WORK/jobs" revert --no-edit HEAD
  git_publish
}

# Sets COMMIT, and PUSHED (when).
git_publish() {
  run git -C "$WORK/jobs" push -q origin main
  # shellcheck disable=SC2034 # for the steps
  PUSHED=$EPOCHREALTIME
  COMMIT=$(git -C "$WORK/jobs" rev-parse HEAD)
  fact "pushed ${COMMIT:0:7}"
}
