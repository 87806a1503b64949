//! The `tengine-operator` binary: parses flags and hands over to the library.

fn main() -> std::process::ExitCode {
    tengine_operator::cli::main()
}
