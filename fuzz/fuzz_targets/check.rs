//! The whole check over any bytes: no panic, no abort, within two seconds of processor time (on a busy machine the clock on
//! the wall says little); and what comes of it can be printed, drawn and compared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rustix::time::{ClockId, clock_gettime};
use tengine_dsl::{CheckOptions, SourceFile, check, diff, graph, print};

fuzz_target!(|bytes: &[u8]| {
    // Files are divided by a line that holds a single form feed; the last one is a dictionary.
    let mut tree: Vec<SourceFile> = Vec::new();
    for (index, part) in bytes.split(|byte| *byte == 0x0c).take(4).enumerate() {
        tree.push(SourceFile::new(["a.rb", "b.rb", "sub/c.rb", "dictionary.yml"][index], part));
    }
    let began = milliseconds();
    let checked = check(&tree, &CheckOptions::default());
    let definition = &checked.definition;
    for jobnet in definition.jobnets.iter().take(3) {
        let _ = graph::svg::print(jobnet);
        let _ = graph::mermaid::print(jobnet);
        let _ = graph::dot::print(jobnet);
    }
    assert!(diff::diff(definition, definition).is_empty());
    let _ = print::print(definition);
    assert!(milliseconds() - began <= 2000, "it took more than two seconds");
});

/// Of processor time since the process began.
fn milliseconds() -> i64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
