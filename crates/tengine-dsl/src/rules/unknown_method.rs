//! A value has no such method.

use super::{Code, Rule, Verdict};
use crate::parse::Finding;
use crate::source::Span;
use crate::value::Value;
use std::collections::HashSet;
use std::sync::LazyLock;
use crate::vocabulary::{EVERYWHERE, IN_CLASS, JOB_WORDS, closest};

/// What is told of it.
pub const RULE: Rule = Rule {
    code: "unknown-method",
    verdict: Verdict::Refuses,
    title: "A value has no such method.",
    why: "It is a NoMethodError: the value is certain, and neither Ruby nor the load path gives it this method.",
    wrong: r#"require 'tengine_job'

jobnet("nightly") do
  %w[load].eech { |name| job(name, "$HOME/#{name}.sh") }
end"#,
    right: r#"require 'tengine_job'

jobnet("nightly") do
  %w[load].each { |name| job(name, "$HOME/#{name}.sh") }
end"#,
};

/// Methods that some value of Ruby, `ActiveSupport` or the database's client has: more than any single value has, so that only a
/// name which none has is told, and the few below.
const SOMEWHERE: &str = "\
    __add__ __bson_dump__ __deep_copy__ __expand_complex__ __intersect__ __override__ __sortable__ __union__ abbrev abs \
    abs2 accumulate add_days advance ago all? allbits? and angle any? anybits? append arg arity array ascii_only? \
    assert_valid_keys assoc at at_beginning_of_month average b base begin between? bit_length blank? bsearch bsearch_index \
    byte_index byteindex byterindex bytes bytesize byteslice bytesplice call camelcase camelize capitalize capitalize! \
    casecmp casecmp? ceil ceildiv center chain chars choice chomp chomp! chop chop! chr chunk chunk_while clamp classify \
    clear codepoints coerce collect collect! collect_concat combination compact compact! compact_blank compare \
    compare_by_identity compare_by_identity? compose concat conj conjugate cons constantize count cover? crypt curry cycle \
    dasherize day days deconstruct deconstruct_keys deep_dup deep_merge deep_merge! deep_stringify_keys deep_symbolize_keys \
    deep_transform_keys deep_transform_values default default= default_proc default_proc= delete delete! delete_at \
    delete_if delete_prefix delete_prefix! delete_suffix delete_suffix! demodulize demongoize denominator detect diff \
    difference dig digits div divmod downcase downcase! downto drop drop_while dump dump! duplicable? each each_byte \
    each_char each_codepoint each_cons each_entry each_grapheme_cluster each_index each_item each_key each_line each_pair \
    each_sequence each_slice each_value each_with_index each_with_object element_reference empty? encode encode! encoding \
    end end_with? ends_with? entries enum_with_index even? evolve except except! exclude? exclude_end? extract! \
    extract_options! extractable extractable_options? fdiv fetch fetch_values fifth fill filter filter! filter_map find \
    find_all find_index finite? first first_or_create flat_map flatten flatten! floor force_encoding foreign_key fortnight \
    fortnights forty_two fourth freeze from from_now gcd gcdlcm getbyte getc grapheme_clusters grep grep_v group_by gsub \
    gsub! has_key? has_value? hash_from hex hour hours html_safe html_safe? humanize i id id2name imag imag? imaginary in? \
    in_groups in_groups_of include? including indent indent! index index_by index_with indexes indices infinite? inject \
    inquire inquiry insert inspect integer? intern intersect? intersection invert is_utf8? isbinary iseuc isjis issjis \
    isutf8 join json_creatable? kconv keep_if key key? keys lambda? last lazy lcm length lines ljust load loop lstrip \
    lstrip! magnitude many? map map! match match? max max_by mb_chars mbchars member? members merge merge! min min_by \
    min_max minmax minmax_by minute minutes modulo mongoize month months multiple_of? name named_captures nan? negative? \
    next next! next_float nitems nobits? none? nonzero? nsec numerator oct odd? one? or ord ordinalize pack parameterize \
    parameters parse_csv partition permutation phase pick pluck pluralize polar pop positive? pow pred prepend presence \
    present? pretty_print pretty_print_cycle pretty_print_inspect pretty_print_instance_variables prev_float prime? \
    prime_division proc product push quo quote ractor rassoc rationalize real real? rect rectangular reduce regexp rehash \
    reject reject! remainder remove remove! repeated_combination repeated_permutation replace reverse reverse! reverse_each \
    reverse_merge reverse_merge! reverse_update rewind rfind rindex rjust rotate rotate! round rpartition rstrip rstrip! \
    safe_constantize sample scan scrub scrub! second seconds select select! set setbyte shellescape shelljoin shellsplit \
    shift shuffle shuffle! since singleton_method_added singularize size slice slice! slice_after slice_before slice_when \
    sort sort! sort_by sort_by! source_location split squeeze squeeze! squish squish! start_with? starts_with? step store \
    strftime stringify_keys stringify_keys! strip strip! strip_heredoc sub sub! succ succ! sum swapcase swapcase! \
    symbolize_keys symbolize_keys! tableize take take_while tally tally_by third times titlecase titleize to to_a to_ary \
    to_bn to_bson to_bson_key to_c to_csv to_d to_date to_datetime to_default_s to_enum to_f to_formatted_s to_fs to_h \
    to_hash to_i to_int to_json to_json_raw to_json_raw_object to_key to_options to_options! to_param to_proc to_query to_r \
    to_s to_sentence to_set to_str to_sum to_sym to_time to_xml to_xs to_yaml toeuc tojis tolocale tosjis toutf16 toutf32 \
    toutf8 tr tr! tr_s tr_s! transform_keys transform_keys! transform_values transform_values! transpose truncate \
    truncate_words underscore undump unicode_normalize unicode_normalize! unicode_normalized? union uniq uniq! uniq_by \
    uniq_by! unpack unpack1 unshift upcase upcase! update upto valid_encoding? value? values values_at week weeks \
    with_index with_indifferent_access with_object without yaml_tag year years yield zero? zip zip!";

/// All that some value has.
static ANYWHERE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| SOMEWHERE.split_whitespace().chain(EVERYWHERE.iter().copied()).chain(IN_CLASS.iter().copied()).collect());

/// Methods of lists and the like that texts, symbols and numbers do not have.
const OF_LISTS: &[&str] = &["each", "map", "collect", "each_with_index", "flat_map", "reverse_each", "each_pair", "each_slice"];

/// Methods that nil does not have.
const NOT_OF_NIL: &[&str] = &[
    "[]", "[]=", "+", "-", "*", "<<", "each", "map", "each_with_index", "select", "first", "last", "push", "upcase", "downcase",
    "capitalize", "size", "length", "split", "strip", "to_sym", "keys", "values", "fetch", "join", "gsub", "sub", "call", "empty?",
];

/// Whether some value of Ruby or its libraries has a method of this name.
pub fn is_anywhere(name: &str) -> bool {
    ANYWHERE.contains(name)
}

/// A call on a value that is certain, of a method it does not have.
pub fn check(on: &Value<'_>, name: &str, span: Span) -> Option<Finding> {
    let sort = match on {
        Value::Nil => "nil",
        Value::Int(_) => "a number",
        Value::Str(_) => "a text",
        Value::Sym(_) => "a symbol",
        Value::Array(_) => "a list",
        Value::Hash(_) => "a hash",
        Value::Bool(_) | Value::Range(..) | Value::Proc(_) | Value::Filter(_) | Value::Unknown => return None,
    };
    let word = name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('=');
    let anywhere = || {
        ANYWHERE.contains(name)
    };
    let lacks = match on {
        Value::Nil => NOT_OF_NIL.contains(&name) || JOB_WORDS.contains(&name),
        Value::Str(_) => OF_LISTS.contains(&name) || name == "-" || word && !anywhere(),
        Value::Sym(_) => OF_LISTS.contains(&name) || matches!(name, "+" | "-" | "*" | "to_str") || word && !anywhere(),
        Value::Int(_) => OF_LISTS.contains(&name) || word && !anywhere(),
        Value::Hash(_) => name == "name" || word && !anywhere(),
        _ => word && !anywhere(),
    };
    lacks.then(|| {
        let finding = Finding::new(Code::UnknownMethod, span, format!("{sort} has no method \"{name}\""));
        match closest(name, SOMEWHERE.split_whitespace()).filter(|_| !matches!(on, Value::Nil)) {
            Some(near) if word && !anywhere() => finding.with_help(format!("did you mean \"{near}\"?")),
            _ => finding,
        }
    })
}
