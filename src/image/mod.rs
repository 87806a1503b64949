//! Base images, the layer, and the registry.
//!
//! - [`layer`]: packs a definition tree; pure.
//! - [`tag()`]: what people find an image under.
//! - [`Registries`]: looks at base images, proves the right to push, and puts a layer on top of a base.
//! - [`Credentials`]: what a pull secret says.
//! - [`ImageError`]: what a registry can have against it.
//!
//! A leaf: it knows neither Kubernetes nor the controller, and keeps nothing between two calls but connections.

mod append;
mod base;
mod client;
mod credentials;
mod document;
mod error;
pub mod layer;
mod media_type;
mod registries;
mod tag;

pub use append::{Append, Appended, LayerContent, LayerPath};
pub use client::{Deadlines, RegistriesError};
pub use credentials::{Basic, Credentials, CredentialsError, EntryError, SECRET_KEY};
pub use error::{ImageError, Place, Problem, Said};
pub use registries::{BaseSeen, ImageSeen, Registries};
pub use tag::tag;
