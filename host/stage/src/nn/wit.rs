//! What is generated from the WIT of `wasi:nn`. All versions of the contract have the same of it.

#![allow(
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    unused_qualifications,
    dead_code,
    reason = "generated from an interface that is documented where it is published"
)]

wasmtime::component::bindgen!({
    inline: "
        package sluis:host;
        world nn {
            import wasi:nn/tensor@0.2.0-rc-2024-10-28;
            import wasi:nn/graph@0.2.0-rc-2024-10-28;
            import wasi:nn/inference@0.2.0-rc-2024-10-28;
            import wasi:nn/errors@0.2.0-rc-2024-10-28;
        }
    ",
    path: "../../wit/0.1.0/deps/wasi-nn",
    imports: { default: trappable },
    with: {
        "wasi:nn/tensor.tensor": crate::nn::Tensor,
        "wasi:nn/graph.graph": crate::nn::Graph,
        "wasi:nn/inference.graph-execution-context": crate::nn::Graph,
        "wasi:nn/errors.error": crate::nn::Failure,
    },
});
