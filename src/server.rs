//! The HTTP end points `/livez`, `/readyz` and `/metrics`.
