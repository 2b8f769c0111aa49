//! What wit-bindgen makes of the contract in `wit/0.2.0`.
//!
//! The imports and the shared types are made once, in [`shared`]; each world adds its exports. With `pub_export_macro`, what a world
//! *exports* is written into a program only where the macro of that world is called. So one SDK serves four worlds, and a component has the
//! one that its author named.

/// Types and imports that all worlds share.
pub mod shared {
    wit_bindgen::generate!({
        path: "../../wit/0.2.0",
        inline: "
            package sluis:sdk;

            world shared {
                import sluis:stage/types@0.2.0;
                import sluis:stage/frames@0.2.0;
                import wasi:nn/tensor@0.2.0-rc-2024-10-28;
                import wasi:nn/errors@0.2.0-rc-2024-10-28;
                import wasi:nn/graph@0.2.0-rc-2024-10-28;
                import wasi:nn/inference@0.2.0-rc-2024-10-28;
            }
        ",
        world: "sluis:sdk/shared",
        additional_derives: [PartialEq, Eq, Hash],
        generate_unused_types: true,
        generate_all,
    });
}

macro_rules! world {
    ($(#[$doc:meta])* $module:ident, $world:literal) => {
        $(#[$doc])*
        pub mod $module {
            wit_bindgen::generate!({
                path: "../../wit/0.2.0",
                world: $world,
                additional_derives: [PartialEq, Eq, Hash],
                generate_unused_types: true,
                pub_export_macro: true,
                with: {
                    "sluis:stage/types@0.2.0": crate::bindings::shared::sluis::stage::types,
                    "sluis:stage/frames@0.2.0": crate::bindings::shared::sluis::stage::frames,
                    "wasi:nn/tensor@0.2.0-rc-2024-10-28": crate::bindings::shared::wasi::nn::tensor,
                    "wasi:nn/errors@0.2.0-rc-2024-10-28": crate::bindings::shared::wasi::nn::errors,
                    "wasi:nn/graph@0.2.0-rc-2024-10-28": crate::bindings::shared::wasi::nn::graph,
                    "wasi:nn/inference@0.2.0-rc-2024-10-28": crate::bindings::shared::wasi::nn::inference,
                },
            });
        }
    };
}

world!(
    /// World `privacy-filter`.
    filter,
    "privacy-filter"
);
world!(
    /// World `anonymisation-audit`.
    audit,
    "anonymisation-audit"
);
world!(
    /// World `gesture-detector`.
    gestures,
    "gesture-detector"
);
world!(
    /// World `audience-meter`.
    audience,
    "audience-meter"
);
