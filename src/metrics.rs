//! What the operator measures.
