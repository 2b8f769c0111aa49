//! Our `wasi:nn`: `load-by-name` of granted models, tensors within a budget, `tract` behind it. Everything else answers
//! `unsupported-operation`.
//!
//! What the ready crate has and this has not: loading of models that a component brings, other engines, tensors that
//! nobody counts.

mod tensor;
mod wit;

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::{HasSelf, Linker, Resource};

use crate::limits::Exceeded;
use crate::live::Hosted;
use crate::models::{Model, Models};
use wit::wasi::nn::errors::{self, ErrorCode};
use wit::wasi::nn::graph::{self, ExecutionTarget, GraphBuilder, GraphEncoding};
use wit::wasi::nn::inference::{self, NamedTensor};
use wit::wasi::nn::tensor::{self as wit_tensor, TensorType};

#[allow(unreachable_pub, reason = "generated bindings name it, and want it public; its module is not")]
pub use tensor::Tensor;

/// What one chamber may use of the models.
#[derive(Debug)]
pub(crate) struct Session {
    models: Arc<Models>,
    granted: Arc<[String]>,
    allowed: usize,
    used: usize,
    /// Why the last operation failed: a component that stops over a failed model is reported as that.
    last_failure: Option<String>,
}

/// A loaded model, and an execution of it: nothing is bound before `compute`, so they are the same.
#[derive(Debug, Clone)]
#[allow(unreachable_pub, reason = "generated bindings name it, and want it public; its module is not")]
pub struct Graph(Arc<Model>, Arc<str>);

/// An error, as `wasi:nn` shows it to the component.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "generated bindings name it, and want it public; its module is not")]
pub struct Failure {
    code: ErrorCode,
    text: String,
}

type Fallible<T> = wasmtime::Result<Result<T, Resource<Failure>>>;

/// Offers it to components.
pub(crate) fn offer(linker: &mut Linker<Hosted>) -> wasmtime::Result<()> {
    wit_tensor::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    graph::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    inference::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    errors::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)
}

// === impl Session ===

impl Session {
    pub(crate) fn new(models: Arc<Models>, granted: Arc<[String]>, allowed: usize) -> Self {
        Self { models, granted, allowed, used: 0, last_failure: None }
    }

    /// Why the last operation of `wasi:nn` failed in this call, if one did.
    pub(crate) fn take_failure(&mut self) -> Option<String> {
        self.last_failure.take()
    }

    fn take(&mut self, bytes: usize) -> wasmtime::Result<()> {
        let asked = self.used.saturating_add(bytes);
        if asked > self.allowed {
            return Err(Exceeded::Tensors { asked, allowed: self.allowed }.into());
        }
        self.used = asked;
        Ok(())
    }

    fn give_back(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }
}

// === impl Hosted ===

impl Hosted {
    fn fail<T>(&mut self, code: ErrorCode, text: String) -> Fallible<T> {
        self.nn.last_failure = Some(text.clone());
        Ok(Err(self.table.push(Failure { code, text })?))
    }

    fn hold(&mut self, tensor: Tensor) -> wasmtime::Result<Resource<Tensor>> {
        self.nn.take(tensor.bytes())?;
        Ok(self.table.push(tensor)?)
    }

    fn release(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<Tensor> {
        let tensor = self.table.delete(tensor)?;
        self.nn.give_back(tensor.bytes());
        Ok(tensor)
    }
}

impl graph::Host for Hosted {
    fn load(&mut self, _: Vec<GraphBuilder>, _: GraphEncoding, _: ExecutionTarget) -> Fallible<Resource<Graph>> {
        self.fail(
            ErrorCode::UnsupportedOperation,
            "a component cannot bring its own model: use load-by-name".to_owned(),
        )
    }

    fn load_by_name(&mut self, name: String) -> Fallible<Resource<Graph>> {
        // The name is the component's free text: it is compared, and never repeated.
        let Some(granted) = self.nn.granted.iter().find(|granted| **granted == name) else {
            let text = "it asked for a model that is not granted to it".to_owned();
            return self.fail(ErrorCode::NotFound, text);
        };
        let known: Arc<str> = granted.as_str().into();
        let Some(model) = self.nn.models.get(&known) else {
            return self.fail(ErrorCode::NotFound, format!("`{known}` is not installed"));
        };
        Ok(Ok(self.table.push(Graph(model, known))?))
    }
}

impl graph::HostGraph for Hosted {
    fn init_execution_context(&mut self, graph: Resource<Graph>) -> Fallible<Resource<Graph>> {
        let graph = self.table.get(&graph)?.clone();
        Ok(Ok(self.table.push(graph)?))
    }

    fn drop(&mut self, graph: Resource<Graph>) -> wasmtime::Result<()> {
        self.table.delete(graph)?;
        Ok(())
    }
}

impl inference::Host for Hosted {}

impl inference::HostGraphExecutionContext for Hosted {
    fn compute(&mut self, graph: Resource<Graph>, inputs: Vec<NamedTensor>) -> Fallible<Vec<NamedTensor>> {
        let Graph(model, name) = self.table.get(&graph)?.clone();
        let mut given = Vec::with_capacity(inputs.len());
        for (input, tensor) in inputs {
            given.push((input, self.release(tensor)?));
        }
        // An inference cannot be interrupted, so it is not begun when there is no time left. The call is then reported
        // as too long.
        if Instant::now() >= self.deadline {
            return Err(wasmtime::Trap::Interrupt.into());
        }
        let results = model
            .inputs()
            .map_err(|reason| (ErrorCode::InvalidEncoding, reason))
            .and_then(|names| tensor::in_order(names, given).map_err(|reason| (ErrorCode::InvalidArgument, reason)))
            .and_then(|inputs| model.run(inputs).map_err(|reason| (ErrorCode::RuntimeError, reason)))
            .and_then(|outputs| {
                let outputs = outputs.into_iter().map(|(name, value)| Ok((name, Tensor::from_tract(&value)?)));
                outputs.collect::<Result<Vec<_>, String>>().map_err(|reason| (ErrorCode::UnsupportedOperation, reason))
            });
        match results {
            Ok(outputs) => {
                let mut answer = Vec::with_capacity(outputs.len());
                for (output, tensor) in outputs {
                    answer.push((output, self.hold(tensor)?));
                }
                Ok(Ok(answer))
            }
            Err((code, reason)) => self.fail(code, format!("`{name}`: {reason}")),
        }
    }

    fn drop(&mut self, graph: Resource<Graph>) -> wasmtime::Result<()> {
        self.table.delete(graph)?;
        Ok(())
    }
}

impl wit_tensor::Host for Hosted {}

impl wit_tensor::HostTensor for Hosted {
    fn new(&mut self, dimensions: Vec<u32>, ty: TensorType, data: Vec<u8>) -> wasmtime::Result<Resource<Tensor>> {
        self.hold(Tensor::new(dimensions, ty, data)?)
    }

    fn dimensions(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<Vec<u32>> {
        Ok(self.table.get(&tensor)?.dimensions().to_vec())
    }

    fn ty(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<TensorType> {
        Ok(self.table.get(&tensor)?.ty())
    }

    fn data(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&tensor)?.data().to_vec())
    }

    fn drop(&mut self, tensor: Resource<Tensor>) -> wasmtime::Result<()> {
        self.release(tensor)?;
        Ok(())
    }
}

impl errors::Host for Hosted {}

impl errors::HostError for Hosted {
    fn code(&mut self, failure: Resource<Failure>) -> wasmtime::Result<ErrorCode> {
        Ok(self.table.get(&failure)?.code)
    }

    fn data(&mut self, failure: Resource<Failure>) -> wasmtime::Result<String> {
        Ok(self.table.get(&failure)?.text.clone())
    }

    fn drop(&mut self, failure: Resource<Failure>) -> wasmtime::Result<()> {
        self.table.delete(failure)?;
        Ok(())
    }
}
