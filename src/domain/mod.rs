//! Values that cannot be wrong.
