//! The embedded engine, as Python sees it.

use std::path::PathBuf;
use std::sync::Arc;

use mongolane_engine::{Engine as Server, Options};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

/// A running embedded server, its threads its own. It stops when it is forgotten.
///
/// Args:
///     path: the folder to keep the data in; None keeps it in memory.
///     host: the address to listen on.
///     port: the port to listen on; 0 chooses a free one.
///     unix: a Unix socket to listen on, in place of TCP.
///
/// Raises:
///     OSError: the folder or the address can't be used.
#[pyclass(module = "mongolane._native", frozen)]
pub struct Engine {
    server: Arc<Server>,
    process: u32,
}

impl Engine {
    /// After a fork the threads are the parent's: there is nothing to stop or join.
    fn is_ours(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if !self.is_ours() {
            std::mem::forget(Arc::clone(&self.server));
        }
    }
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (path = None, host = "127.0.0.1", port = 0, unix = None))]
    fn new(
        py: Python<'_>,
        path: Option<PathBuf>,
        host: &str,
        port: u16,
        unix: Option<PathBuf>,
    ) -> PyResult<Self> {
        let host = host.to_owned();
        let options = Options {
            path,
            host,
            port,
            unix,
        };
        match py.detach(|| Server::start(options)) {
            Ok(server) => Ok(Self {
                server: Arc::new(server),
                process: std::process::id(),
            }),
            Err(error) => Err(PyOSError::new_err(error.to_string())),
        }
    }

    /// What a driver connects with.
    #[getter]
    fn uri(&self) -> String {
        self.server.uri()
    }

    /// The TCP port; None on a Unix socket.
    #[getter]
    fn port(&self) -> Option<u16> {
        self.server.port()
    }

    /// Ends all connections and threads, and closes the folder. A second call
    /// does nothing.
    fn stop(&self, py: Python<'_>) {
        if self.is_ours() {
            py.detach(|| self.server.stop());
        }
    }

    fn __repr__(&self) -> String {
        format!("<Engine at {}>", self.server.uri())
    }
}
