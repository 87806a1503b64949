//! A constant is not defined where it is used.

use super::{Code, Rule, Verdict};
use crate::parse::{Finding, ParsedFile};
use crate::source::Span;
use crate::vocabulary::closest;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "undefined-constant",
    verdict: Verdict::Refuses,
    title: "A constant is not defined where it is used.",
    why: "It is a NameError. Silent where a gem, `const_missing` or anything else that is not seen might define it.",
    wrong: r#"require 'tengine_job'

SERVERS = %w[batch1]

jobnet("nightly", :server_name => SERVER[0]) do
  job("load", "$HOME/load.sh")
end"#,
    right: r#"require 'tengine_job'

SERVERS = %w[batch1]

jobnet("nightly", :server_name => SERVERS[0]) do
  job("load", "$HOME/load.sh")
end"#,
};

/// What Ruby, its libraries, Tengine and what Tengine is made of call so at the top level.
const KNOWN: &str = "\
    ACL AMQ AMQP ARGF ARGV Abbrev AbstractController Action ActionController ActionView ActiveModel ActiveSupport Addrinfo \
    ArgumentError Array AsciiTable BSON Base64 BasicObject BasicSocket Benchmark BigDecimal BigMath Bignum Binding Builder \
    Bundler Bunny CGI CROSS_COMPILING CSV Class ClosedQueueError Comparable Complex Concurrent ConditionVariable \
    Continuation Coverage DRb Daemons Data Date DateTime Delegator DidYouMean Digest Dir EM ENV EOFError ERB ERROR_CODES \
    Encoding EncodingError Enumerable Enumerator Errno ErrorHighlight Etc EventMachine Eventmachine Exception \
    Exception2MessageMapper ExceptionForMatrix Excon FALSE FalseClass Fcntl Fiber FiberError Fiddle File FileTest FileUtils \
    Find Fixnum Float FloatDomainError Forwardable FrozenError GC GServer Gem Getoptlong Hash HashWithIndifferentAccess \
    Hashie I18n IO IOError IPAddr IPSocket IRB Iconv IndexError Integer Interrupt JSON Jacobian Job Kconv Kernel KeyError \
    LUSolve LimitedQueue LoadError LocalJumpError Logger MacAddr Macaddr Marshal MatchData Math Matrix Method Module Mongo \
    Mongoid Monitor MonitorLock MonitorMixin Moped MultiJson MultiRBTree Mutex Mutex_m NIL NKF NameError Net Newton \
    NilClass NoMatchingPatternError NoMatchingPatternKeyError NoMemoryError NoMethodError Nokogiri NotImplementedError \
    Numeric Object ObjectSpace Observable Oj Open3 OpenSSL OpenStruct OpenURI OptParse OptionParser Optionable Origin Ox PP \
    PStore PTY Pathname PrettyPrint Prime Proc Process Psych Queue RBTree REXML RSpec RUBYGEMS_ACTIVATION_MONITOR \
    RUBY_COPYRIGHT RUBY_DESCRIPTION RUBY_ENGINE RUBY_ENGINE_VERSION RUBY_PATCHLEVEL RUBY_PLATFORM RUBY_RELEASE_DATE \
    RUBY_REVISION RUBY_VERSION Racc Rack Ractor Rails Rainbow Rake Random RandomSeed Range RangeError Rational RbConfig \
    Readline Refinement Regexp RegexpError Resolv Ripper Ruby RubyVM RuntimeError SDBM SOCKSSocket STDERR STDIN STDOUT \
    ScanError ScriptError SecureRandom SecurityError SelectableAttr Set Shellwords Signal SignalException SimpleDelegator \
    SimpleIdn SingleForwardable Singleton SizedQueue Socket SocketError SortedSet Spec StandardError StopIteration String \
    StringIO StringScanner Struct Syck Symbol Sync SyncEnumerator Sync_m Sync_m_Mutex SyntaxError SysLog Syslog \
    SystemCallError SystemExit SystemStackError SystemTimer Systemu TAG TCPServer TCPSocket TOPLEVEL_BINDING TRUE TSort \
    TZInfo Tempfile Tengine Test Thor Thread ThreadError ThreadGroup ThreadsWait Time Timeout TimeoutError TracePoint \
    TrueClass TypeError UDPSocket UNIXServer UNIXSocket URI UUID UUIDTools UnboundMethod UncaughtThrowError \
    UnicodeNormalize Vector WEBrick WIN32OLE Warning WeakRef Win32 XMLRPC YAML ZeroDivisionError Zlib";

/// Whether Ruby, its libraries or Tengine may have a constant of this name at the top level.
pub fn is_known(name: &str) -> bool {
    KNOWN.split_whitespace().any(|known| known == name)
}

/// What the constant called `first` at `span` is, if nothing of the load path or of Tengine can have defined it.
pub fn check(files: &[ParsedFile], first: &str, span: Span) -> Option<Finding> {
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| KNOWN.split_whitespace().collect());
    if NAMES.contains(first) || files.iter().any(|file| may_define(file, first)) {
        return None;
    }
    if first == "DATA" {
        let message = "DATA belongs to a program's own file, and a definition is loaded by another";
        return Some(Finding::new(Code::UndefinedConstant, span, message));
    }
    let finding = Finding::new(Code::UndefinedConstant, span, format!("nothing defines the constant {first}"));
    let known = files.iter().flat_map(|file| words(file.text.as_str())).filter(|(_, word)| is_constant(word) && *word != first);
    let near = closest(first, known.map(|(_, word)| word).chain(KNOWN.split_whitespace())).map(str::to_owned);
    Some(match near {
        Some(near) => finding.with_help(format!("did you mean {near}?")),
        None => finding,
    })
}

fn is_constant(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// The words of a text, and where they start.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c: char| !inner(c)).filter(|word| !word.is_empty()).map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// Whether the file may define the constant: its name stands before an assignment or comma, after `class` or `module`, or in a
/// symbol or text; or `ActiveSupport` would look for it in this file.
fn may_define(file: &ParsedFile, name: &str) -> bool {
    let text = file.text.as_str();
    let base = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rb").replace('_', "");
    base.eq_ignore_ascii_case(&name.replace('_', "")) || words(text).any(|(at, word)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default().trim_start();
        let keyword = ["class", "module"].iter().any(|keyword| before.trim_end().ends_with(keyword));
        let quoted = before.ends_with([':', '"', '\'']);
        let rescued = before.trim_end().strip_suffix("=>").and_then(|line| line.lines().next_back());
        let several = after.starts_with([',', ')']) && (is_assigned(after) || before.lines().next_back().is_some_and(|line| line.contains("for ")));
        let assigns = several || ["||=", "&&=", "+=", "|=", "-="].iter().any(|sign| after.starts_with(sign))
            || after.starts_with('=') && !["==", "=~", "=>"].iter().any(|sign| after.starts_with(sign));
        word == name && (keyword || quoted || assigns || rescued.is_some_and(|line| line.contains("rescue")))
    })
}

/// Whether something is assigned in the rest of a statement, which goes on behind a comma.
fn is_assigned(rest: &str) -> bool {
    let mut statement = String::new();
    for line in rest.lines() {
        statement.push_str(line);
        if !line.trim_end().ends_with(',') {
            break;
        }
    }
    ["==", "=~", "=>", "!=", ">=", "<="].iter().fold(statement, |left, sign| left.replace(sign, "")).contains('=')
}
