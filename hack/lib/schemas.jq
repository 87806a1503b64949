# Turns Kubernetes' own API description into one JSON schema a kind, as kubeconform reads them: prints NAME<tab>SCHEMA lines.
# References are kept (to definitions.json beside them); unknown fields are refused.

def strict:
  walk(if type == "object" then
         (if .format? == "int-or-string" then del(.format) | .type = ["string", "integer"] else . end)
         | (if .properties? and (.additionalProperties | not) and (.["x-kubernetes-preserve-unknown-fields"] | not)
            then .additionalProperties = false else . end)
       else . end);

(.definitions | with_entries(.value |= strict)
  | .["io.k8s.apimachinery.pkg.api.resource.Quantity"].type = ["string", "number"]) as $definitions
| (["definitions", ({definitions: $definitions} | tojson)] | join("\t")),
  ($definitions | to_entries[]
   | .key as $name
   | .value["x-kubernetes-group-version-kind"]? // [] | select(length == 1) | .[0]
   | [([.kind, (.group | split(".")[0] // empty), .version] | join("-") | ascii_downcase),
      ({"$ref": "definitions.json#/definitions/\($name)"} | tojson)]
   | join("\t"))
