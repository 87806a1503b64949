//! Renders the Kubernetes objects of a release. Pure.
