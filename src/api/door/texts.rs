//! The rules of texts.

use kube::core::Rule;

/// A part of a host name.
const LABEL: &str = "[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?";
/// 1 to 65535.
const PORT: &str = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
/// An IPv6 address in brackets, near enough.
const BRACKETED: &str = r"\[[0-9A-Fa-f:.]+\]";
/// A part of an image's path.
const IMAGE_PART: &str = "[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*";

/// A duration between two others, which are written in Go's way.
pub fn span(least: &str, most: &str) -> Rule {
    let shape = "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$";
    Rule::new(format!(
        "self != '' && self.matches('{shape}') && duration(self) >= duration('{least}') && duration(self) <= duration('{most}')"
    ))
    .message(&*format!("give hours, minutes and seconds, such as 1h30m, 10m or 45s: at least {least}, at most {most}"))
}

/// The URL of a Git repository.
pub fn git_url() -> Rule {
    let path = r"/*[^\p{Z}\p{Cc}?#\\\x27/][^\p{Z}\p{Cc}?#\\\x27]*";
    let user = "[A-Za-z0-9._][A-Za-z0-9._-]*";
    let authority = authority();
    let shapes =
        format!("https?://{authority}/{path}|ssh://({user}@)?{authority}/{path}|{user}@{LABEL}([.]{LABEL})*:{path}");
    Rule::new(format!("{} && !self.matches('[/:][.][.](/|$)')", matches(&shapes))).message(
        "use https://HOST/PATH, http://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH; \
         credentials go into the Secret that secretRef names, not into the URL",
    )
}

/// What `git check-ref-format` asks for, besides the characters.
const WELL_FORMED_REF: &str = r"self.matches(r'^(([^/.][^/]*/)*[^/.][^/]*)$') && self != '@' && !self.startsWith('-') && !self.endsWith('.') && !self.contains('..') && !self.contains('@{') && !self.matches('[.]lock(/|$)')";

/// The short name of a branch or tag, by the rules of `git check-ref-format`.
pub fn git_ref() -> Rule {
    Rule::new(format!("{} && {WELL_FORMED_REF}", matches(r"[^\p{Cc} ~^:?*\[\\]+")))
        .message("give the short name of a branch or tag as `git branch` prints it: no spaces, no .., none of ~^:?*[\\")
}

/// The full name of a ref.
pub fn full_ref() -> Rule {
    let below_refs = matches(r"refs/[^\p{Cc} ~^:?*\[\\]+");
    Rule::new(format!("{below_refs} && {WELL_FORMED_REF}"))
        .message("give the full name of a ref as `git ls-remote` prints it, such as refs/heads/main")
}

/// The names of tags with one `*` in them.
pub fn tag_pattern() -> Rule {
    let one_star = matches(r"[^\p{Cc} ~^:?*\[\\]*[*][^\p{Cc} ~^:?*\[\\]*");
    Rule::new(format!("{one_star} && {WELL_FORMED_REF}"))
        .message("give the names of tags with one * in them, such as release-*")
}

/// The names of tags with `{{number}}` or `{{commit}}` in them, by their shape.
pub fn tag_template() -> Rule {
    let part = r"[^\p{Cc} ~^:?*\[\\{}]+|\{\{(date|number|commit)\}\}";
    let tells_apart = "(self.contains('{{number}}') || self.contains('{{commit}}'))";
    Rule::new(format!("{} && {tells_apart} && {WELL_FORMED_REF}", matches(&format!("({part})+")))).message(
        "give the name of a tag with {{number}} or {{commit}} in it, and {{date}} where you like, such as test-{{date}}-{{number}}",
    )
}

/// A range of semantic versions, by its shape: what of that shape is no range all the same is said in status.
pub fn version_range() -> Rule {
    let number = "(0|[1-9][0-9]*)";
    let (wild, rest) = ("[*xX]", "(-[0-9A-Za-z.-]+)?([+][0-9A-Za-z.-]+)?");
    let version = format!("{number}([.]({wild}|{number})([.]({wild}|{number}{rest}))?)?");
    let comparator = format!(" *(=|>|>=|<|<=|~|\\^)? *{version} *");
    Rule::new(matches(&format!(" *{wild} *|{comparator}(,{comparator})*")))
        .message("give comparators in Cargo's syntax, with commas between them, such as ^1.4, ~2.1.3 or >=1.2, <2")
}

/// A folder inside a repository.
pub fn tree_path() -> Rule {
    Rule::new(
        r"!self.startsWith('/') && !self.matches(r'[\x00\\]|//+[^/]|(^|/)[.][.](/|$)') && (self.matches('^[.]/[.]/*$') || !self.matches('./[.](/|$)'))",
    )
    .message("give a path relative to the repository's root, with / between its parts and without .. in it, such as jobs/billing")
}

/// A repository with its registry.
pub fn image_repository() -> Rule {
    Rule::new(matches(&repository())).message(
        "give HOST/PATH with a lower-case path and neither tag nor digest, such as registry.example.com/ops/billing",
    )
}

/// An image by tag, digest or both.
pub fn image_reference() -> Rule {
    let suffix = "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?";
    Rule::new(matches(&format!("{}{suffix}", repository())))
        .message("give HOST/PATH:TAG or HOST/PATH@sha256:DIGEST with a lower-case path, such as registry.example.com/ops/tengine-core:1.2.2")
}

/// Where a broker is. A dot at the end keeps a resolver from trying search domains.
pub fn host() -> Rule {
    Rule::new(format!("{} || isIP(self)", matches(&format!("{LABEL}([.]{LABEL})*[.]?"))))
        .message("give a host name or an IP address, without a port: that is eventQueue.port")
}

/// Where the members of a database are.
pub fn hosts_and_ports() -> Rule {
    let shape = format!("({LABEL}([.]{LABEL})*[.]?|{BRACKETED})(:{PORT})?");
    Rule::new(format!("self.all(host, host.matches(r'^({shape})$') || isIP(host))"))
        .message("give HOST:PORT, such as mongo-0.mongo:27017, with a port from 1 to 65535")
}

/// The name of an object of this kind in the same namespace.
pub fn object_name(kind: &str) -> Rule {
    let part = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
    Rule::new(matches(&format!("{part}([.]{part})*")))
        .message(&*format!("give the name of a {kind} in this namespace: lower-case letters, digits, - and ."))
}

/// A name that becomes a label, or is a namespace's.
pub fn label(kind: &str) -> Rule {
    Rule::new(matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?"))
        .message(&*format!("give the name of a {kind}: lower-case letters, digits and -"))
}

/// The shape of words that people give things.
const WORD: &str = "[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?";

/// A word that people give a thing.
pub fn word(example: &str) -> Rule {
    Rule::new(matches(WORD)).message(&*format!("give one word of letters, digits, - and _, such as {example}"))
}

/// Such words in a list.
pub fn words(example: &str) -> Rule {
    Rule::new(format!("self.all(word, word.matches('^({WORD})$'))"))
        .message(&*format!("give words of letters, digits, - and _, such as {example}"))
}

/// The name of an environment variable.
pub fn variable() -> Rule {
    Rule::new(matches("[ -<>-~]+")).message("give the name of an environment variable: printable ASCII without =")
}

/// An amount of memory or processor.
pub fn quantity() -> Rule {
    Rule::new("isQuantity(self) && !quantity(self).isLessThan(quantity('0'))")
        .message("give an amount that is not negative, such as 500m, 2, 256Mi or 1Gi")
}

/// The name of a check.
pub fn check_name() -> Rule {
    Rule::new(matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?"))
        .message("give lower-case letters, digits and -, such as smoke-test")
}

/// Where a web service is: no more than a host and a path before what is asked there, so that nobody chooses what is asked.
pub fn http_url() -> Rule {
    Rule::new(matches(&format!("https?://{}(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", authority())))
        .message("give http://HOST:PORT or https://HOST:PORT, without credentials, query or fragment")
}

/// Where the API of a Git host begins.
pub fn api_url() -> Rule {
    Rule::new(matches(&format!("https?://{}(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?", authority()))).message(
        "give where the API begins, such as https://git.example.com/api/v1, without credentials, query or fragment",
    )
}

/// Repositories on hosts whose API is known.
fn is_on_a_known_host() -> String {
    let user = "[A-Za-z0-9._][A-Za-z0-9._-]*";
    let host = "(github[.]com|gitlab[.]com|gitea[.]com|codeberg[.]org)";
    format!("self.url.matches(r'(?i)^(https?://|ssh://({user}@)?|{user}@){host}[:/]')")
}

/// Of a repository: whose API its host has is said, where the host does not say it.
pub fn release_provider() -> Rule {
    Rule::new(format!(
        "!has(self.ref) || !has(self.ref.releases) || has(self.ref.releases.provider) || {}",
        is_on_a_known_host()
    ))
    .message("ref.releases.provider: say whose API the host has, Gitea, GitHub or GitLab; its name does not tell")
}

/// Of a repository: where the API is is said, where its address does not say it.
pub fn release_api() -> Rule {
    Rule::new(format!(
        "!has(self.ref) || !has(self.ref.releases) || has(self.ref.releases.apiUrl) || self.url.startsWith('http') || {}",
        is_on_a_known_host()
    ))
    .message("ref.releases.apiUrl: say where the API begins, such as https://git.example.com/api/v1; an address of SSH does not tell")
}

/// A number, as text: the API has no fractions.
pub fn decimal() -> Rule {
    Rule::new(matches("-?[0-9]+([.][0-9]+)?")).message("give a number in quotes, such as \"0.99\"")
}

/// A key of a `ConfigMap` or Secret.
pub fn config_key() -> Rule {
    Rule::new(format!("{} && self != '.' && !self.startsWith('..')", matches("[A-Za-z0-9._-]+")))
        .message("give a key of the ConfigMap: letters, digits, -, _ and .")
}

/// A registry's path below a host; a first part that does not look like a host is a path of Docker Hub.
fn repository() -> String {
    let host = format!("(localhost|{LABEL}([.]{LABEL})+|{LABEL}([.]{LABEL})*:{PORT}|{BRACKETED}(:{PORT})?)");
    format!("({host}/)?{IMAGE_PART}(/{IMAGE_PART})*")
}

fn authority() -> String {
    format!("({LABEL}([.]{LABEL})*|{BRACKETED})(:{PORT})?")
}

/// The whole text is of this shape.
fn matches(shape: &str) -> String {
    format!("self.matches(r'^({shape})$')")
}
