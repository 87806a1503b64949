# shellcheck shell=bash
# One authority, a certificate a part, a kubeconfig a client.

pki_ensure() {
  local pki=$STATE/pki
  [[ -d $pki ]] && return
  rm -rf "$pki.new"
  mkdir -p "$pki.new"
  if ! (cd "$pki.new" && pki_make) 2>"$STATE/log/pki.log"; then
    cat "$STATE/log/pki.log" >&2
    die "certificates cannot be made"
  fi
  mv "$pki.new" "$pki"
}

# In the current folder.
pki_make() {
  local client
  pki_authority &&
    openssl ecparam -name prime256v1 -genkey -noout -out service-account.key &&
    openssl ec -in service-account.key -pubout -out service-account.pub &&
    pki_certificate apiserver /CN=kube-apiserver \
      "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$SERVICE_ADDRESS,IP:$BRIDGE_ADDRESS" &&
    pki_certificate kubelet "/O=system:nodes/CN=system:node:$NODE_NAME" "DNS:$NODE_NAME,IP:127.0.0.1,IP:$BRIDGE_ADDRESS" &&
    pki_certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client &&
    pki_certificate admin /O=system:masters/CN=admin &&
    pki_certificate controller-manager /CN=system:kube-controller-manager &&
    pki_certificate scheduler /CN=system:kube-scheduler &&
    pki_certificate proxy /CN=system:kube-proxy || return 1
  for client in admin kubelet controller-manager scheduler proxy; do pki_kubeconfig "$client" >"$client.kubeconfig"; done
  chmod 600 -- *.key *.kubeconfig
}

pki_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=tengine-operator-cluster \
    -addext 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature' -keyout ca.key -out ca.crt
}

# pki_certificate NAME SUBJECT [SUBJECT_ALTERNATIVE_NAMES]
pki_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" || return 1
  {
    echo 'keyUsage=critical,digitalSignature,keyEncipherment'
    echo 'extendedKeyUsage=serverAuth,clientAuth'
    [[ -z ${3:-} ]] || echo "subjectAltName=$3"
  } >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile "$1.ext" -out "$1.crt" &&
    rm "$1.csr" "$1.ext"
}

# Certificates are written into the file itself, so that it may be copied anywhere.
pki_kubeconfig() {
  cat <<YAML
apiVersion: v1
kind: Config
current-context: tengine
contexts:
- name: tengine
  context: {cluster: tengine, user: $1}
clusters:
- name: tengine
  cluster:
    server: https://$BRIDGE_ADDRESS:$API_PORT
    certificate-authority-data: $(base64 -w0 ca.crt)
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$1.crt")
    client-key-data: $(base64 -w0 "$1.key")
YAML
}
