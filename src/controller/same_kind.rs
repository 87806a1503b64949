//! What stands for an object `K` of the API server is of its kind.

/// The part of `kube::Resource` that says so; `meta` and `meta_mut` are left.
macro_rules! same_kind {
    () => {
        type DynamicType = ();
        type Scope = K::Scope;

        fn kind((): &()) -> std::borrow::Cow<'_, str> {
            K::kind(&())
        }

        fn group((): &()) -> std::borrow::Cow<'_, str> {
            K::group(&())
        }

        fn version((): &()) -> std::borrow::Cow<'_, str> {
            K::version(&())
        }

        fn plural((): &()) -> std::borrow::Cow<'_, str> {
            K::plural(&())
        }
    };
}

pub(super) use same_kind;
