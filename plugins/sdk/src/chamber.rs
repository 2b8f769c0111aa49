//! What the host holds of a plugin: the author's struct behind the shared reference that the component model hands out.

use std::cell::RefCell;

/// A warm plugin of one camera. The host never calls it twice at once, so the borrow never fails.
#[derive(Debug)]
pub struct Warm<T>(RefCell<T>);

// === impl Warm ===

impl<T> Warm<T> {
    pub(crate) fn new(plugin: T) -> Self {
        Self(RefCell::new(plugin))
    }

    pub(crate) fn call<A>(&self, f: impl FnOnce(&mut T) -> A) -> A {
        f(&mut self.0.borrow_mut())
    }
}

/// Writes the macro of a world.
macro_rules! export_macro {
    ($(#[$doc:meta])* $name:ident, $module:ident, $trait:ident) => {
        export_macro!(@ ($) $(#[$doc])* $name, $module, $trait);
    };
    // `$d` is a dollar sign: a macro cannot write one into another by itself.
    (@ ($d:tt) $(#[$doc:meta])* $name:ident, $module:ident, $trait:ident) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $name {
            ($d plugin:ty) => {
                const _: () = {
                    // On the author's machine nothing is exported, but the compiler still says whether the trait is there.
                    const fn implements<T: $d crate::$trait>() {}
                    implements::<$d plugin>();

                    #[cfg(target_arch = "wasm32")]
                    type Exported = $d crate::chamber::Warm<$d plugin>;
                    #[cfg(target_arch = "wasm32")]
                    $d crate::bindings::$module::export!(Exported with_types_in $d crate::bindings::$module);
                };

                /// Runs the plugin natively, for `sluis plugin bench`.
                #[cfg(unix)]
                #[doc(hidden)]
                pub fn __sluis_serve() {
                    $d crate::mock::serve::$name::<$d plugin>();
                }
            };
        }
    };
}
pub(crate) use export_macro;
