# shellcheck shell=bash
# The demo's way from staging to production: a word that staging gives, a person who approves, a freeze and its override, and trains
# of tags, and of releases on the Git host.

# promotion_user NAME ROLE: a person with a certificate of their own, who has one of the chart's roles in production.
promotion_user() {
  local key=$WORK/$1.key csr=demo-$1 certificate
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$key" -subj "/CN=$1" -out "$WORK/$1.csr" 2>/dev/null
  kubectl delete csr "$csr" --ignore-not-found >/dev/null
  kubectl create -f - >/dev/null <<YAML
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: $csr }
spec: { request: $(base64 -w0 "$WORK/$1.csr"), signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], expirationSeconds: 3600 }
YAML
  kubectl certificate approve "$csr" >/dev/null
  kubectl wait csr/"$csr" --for=jsonpath='{.status.certificate}' --timeout=60s >/dev/null
  certificate=$(kubectl get csr "$csr" -o jsonpath='{.status.certificate}')
  kubectl delete csr "$csr" >/dev/null
  kubectl config view --raw --minify -o json | jq --arg certificate "$certificate" --arg key "$(base64 -w0 "$key")" \
    '.users[0].user = {"client-certificate-data": $certificate, "client-key-data": $key}' >"$WORK/$1.kubeconfig"
  run kubectl -n production create rolebinding "$1-$2" --clusterrole="tengine-operator-$2" --user="$1"
}

# promotion_says NAME VERB GATE [REASON]: what somebody decides about production's release of COMMIT.
promotion_says() {
  local release
  release=$(release production)
  action "deployment: billing, action: $2, release: ${release#trel/}, gate: $3${4:+, reason: $4}, by: { user: $1 }"
  printf '  # as %s\n' "$1"
  run kubectl --kubeconfig "$WORK/$1.kubeconfig" create -f "$WORK/action.yaml"
}

promotion_gate() {
  local image
  title "From staging to production: what staging proved goes live once a person approves it"
  promotion_user alice approve
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"environment":{"name":"Staging","type":"STG","grants":["production"]}}}'
  wait_live staging "$COMMIT"
  production_patch '{"spec":{"gates":[{"name":"staging","statuses":{"from":{"namespace":"staging","name":"billing"},"all":["Staging_OK"]}},{"name":"ops","approval":{"required":1,"from":{"users":["alice"]}}}]}}'
  echo '# Staging proves it first.' >>"$WORK/jobs/nightly.rb"
  git_push "One for staging first"
  wait_live staging "$COMMIT"
  wait_reason production WaitingForApproval
  run kubectl -n staging get trel
  run kubectl -n production get td -o wide
  promotion_says alice Approve ops
  wait_live production "$COMMIT"
  image=$(kubectl get td -A -o json | jq -r '.items[] | select(.metadata.name == "billing") | .status.current.image' | sort -u)
  [[ $(wc -l <<<"$image") == 1 ]] || fail "production runs another image than staging"
  fact "the same image in both: $image"
  run kubectl -n production get td/billing -o jsonpath='{range .status.progress.steps[*]}{@}{"\n"}{end}'
  watch_still_good
}

promotion_freeze() {
  title "A freeze, and who may override it"
  promotion_user rita override
  production_patch '{"spec":{"gates":[{"name":"hours","window":{"closed":[{"from":"2020-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z","reason":"closing of the books"}]}}]}}'
  echo '# In spite of the freeze.' >>"$WORK/jobs/nightly.rb"
  git_push "One that cannot wait"
  wait_reason production WaitingForWindow
  message_has production "^${COMMIT:0:7}" 'closing of the books' 'keeps serving'
  promotion_says rita Override hours "invoices stand still"
  wait_live production "$COMMIT"
  run kubectl -n production get tact
  watch_still_good
}

promotion_train() {
  title "A train of tags: a bot tags what staging verified, a person releases it"
  promotion_bot
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"promotion":{"onVerified":{"tag":"test-{{date}}-{{number}}","secretRef":{"name":"billing-bot"}}}}}'
  until_so 60 "the bot's tag" promotion_tag
  promotion_release
  production_patch '{"spec":{"gates":null,"source":{"git":{"ref":{"branch":null,"tags":{"pattern":"release-*","order":"Calendar","counterpart":"test-*"}}}}}}'
  wait_live production "$COMMIT"
  echo '# For the next train.' >>"$WORK/jobs/nightly.rb"
  git_push "One for the next train"
  wait_live staging "$COMMIT"
  until_so 60 "the bot's next tag" promotion_tag
  run kubectl -n staging get td/billing -o jsonpath='{.status.conditions[?(@.type=="PassedOn")].message}'
  wait_reason production UpToDate
  fact "production stays at the tag before"
  promotion_release
  wait_live production "$COMMIT"
  run kubectl get td -A
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"promotion":null}}'
  watch_still_good
}

promotion_releases() {
  local tag="release-2099.1.1-1"
  title "A train of releases on the Git host: staging takes the pre-release, production once that is un-ticked"
  promotion_published "$tag" false
  promotion_follows staging PreRelease
  promotion_follows production Full
  wait_field staging .status.source.ref "refs/tags/$tag"
  wait_field production .status.source.ref "refs/tags/$tag"
  echo '# For the release after that.' >>"$WORK/jobs/nightly.rb"
  git_push "One to be released by its page"
  tag="release-2099.1.1-2"
  promotion_published "$tag" true
  wait_live staging "$COMMIT"
  wait_reason production WaitingForRelease
  message_has production "$tag" pre-release
  promotion_unticked "$tag"
  wait_live production "$COMMIT"
  run kubectl get td -A
  production_patch '{"spec":{"source":{"git":{"ref":{"branch":"main","tags":null,"releases":null}}}}}'
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"source":{"git":{"ref":{"branch":"main","releases":null}}}}}'
  wait_field production .status.source.ref refs/heads/main
  wait_field staging .status.source.ref refs/heads/main
  wait_live production "$COMMIT"
  watch_still_good
}

# promotion_follows STAGE KIND
promotion_follows() {
  run kubectl -n "$1" patch td/billing --type=merge -p \
    '{"spec":{"source":{"git":{"ref":{"branch":null,"tags":null,"releases":{"pattern":"release-*","order":"Calendar","stage":"'"$2"'","provider":"Gitea"}}}}}}'
}

# promotion_published TAG PRERELEASE: a release of COMMIT, as a person makes one on the host's page.
promotion_published() {
  local body="{\"tag_name\":\"$1\",\"target_commitish\":\"$COMMIT\",\"name\":\"$1\",\"prerelease\":$2}"
  printf '  $ %s\n' "curl -u USER:PASSWORD -d '$body' $TENGINE_GIT_URL/api/v1/repos/$TENGINE_GIT_ADMIN/$REPOSITORY/releases"
  git_api POST "repos/$TENGINE_GIT_ADMIN/$REPOSITORY/releases" "$body" | jq -r '"    \(.tag_name), pre-release: \(.prerelease)"'
}

# promotion_unticked TAG: not a pre-release any more.
promotion_unticked() {
  local at=repos/$TENGINE_GIT_ADMIN/$REPOSITORY/releases
  at=$at/$(git_api GET "$at/tags/$1" | jq .id)
  printf '  $ %s\n' "curl -u USER:PASSWORD -X PATCH -d '{\"prerelease\":false}' $TENGINE_GIT_URL/api/v1/$at"
  git_api PATCH "$at" '{"prerelease":false}' | jq -r '"    \(.tag_name), pre-release: \(.prerelease)"'
}

# A person's tag beside the candidate's, on COMMIT.
promotion_release() {
  local tag
  tag=release-$(promotion_tag | sed 's/^test-//')
  run git -C "$WORK/jobs" tag "$tag" "$COMMIT"
  run git -C "$WORK/jobs" push -q origin "$tag"
}

# The candidate's tag on COMMIT.
promotion_tag() {
  git -C "$WORK/jobs" ls-remote --tags origin 'test-*' | awk -v commit="$COMMIT" '$1 == commit {sub("refs/tags/", "", $2); print $2; found = 1} END {exit !found}'
}

# A user of the Git host who may write to the repository, and nothing else.
promotion_bot() {
  git_api POST admin/users '{"username":"demo-bot","email":"demo-bot@example.com","password":"demo-bot-s3cret","must_change_password":false}' >/dev/null 2>&1 || true
  git_api PUT "repos/$TENGINE_GIT_ADMIN/$REPOSITORY/collaborators/demo-bot" '{"permission":"write"}' >/dev/null
  install_secret staging billing-bot demo-bot demo-bot-s3cret
}
