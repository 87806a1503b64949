//! The command line.

/// Runs the subcommand named by the process arguments.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
