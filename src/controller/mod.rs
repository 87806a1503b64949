//! Validate, observe, plan, execute, report.
