//! What can stop the codec, and the Python exception it becomes.

use mongolane_bson::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Why a value could not be made or written.
#[derive(Debug)]
pub enum Fault {
    /// The value is not what the plan says; pydantic is to look at the document.
    Mismatch,
    /// The bytes are not BSON.
    Bson(Error),
    /// The value has no place in BSON.
    Encode(Box<Refused>),
    /// Python code that was called has raised.
    Python(Box<PyErr>),
}

/// A value that was refused, and the keys that lead to it, innermost first.
#[derive(Debug)]
pub struct Refused {
    message: String,
    path: Vec<String>,
}

/// What every codec function gives.
pub type Outcome<T> = Result<T, Fault>;

impl From<Error> for Fault {
    #[cold]
    fn from(error: Error) -> Self {
        Self::Bson(error)
    }
}

impl From<PyErr> for Fault {
    #[cold]
    fn from(error: PyErr) -> Self {
        match Python::attach(|py| Refused::from_python(py, &error)) {
            Some(refused) => Self::Encode(Box::new(refused)),
            None => Self::Python(Box::new(error)),
        }
    }
}

impl Refused {
    /// What Python code has refused to store, so that its path can grow outwards.
    fn from_python(py: Python<'_>, error: &PyErr) -> Option<Self> {
        let class = ENCODE.import(py, "mongolane.errors", "EncodeError").ok()?;
        if !error.get_type(py).is(class) {
            return None;
        }
        let value = error.value(py);
        let path: String = value.getattr("path").ok()?.extract().ok()?;
        let steps = path.split('.').filter(|step| !step.is_empty());
        Some(Self {
            message: value.getattr("reason").ok()?.extract().ok()?,
            path: steps.rev().map(String::from).collect(),
        })
    }
}

impl From<pyo3::CastError<'_, '_>> for Fault {
    #[cold]
    fn from(error: pyo3::CastError<'_, '_>) -> Self {
        PyErr::from(error).into()
    }
}

impl Fault {
    /// A value that has no place in BSON.
    #[cold]
    pub fn refuse(message: impl Into<String>) -> Self {
        let (message, path) = (message.into(), Vec::new());
        Self::Encode(Box::new(Refused { message, path }))
    }

    /// The same fault, seen from the document in which `key` leads to it.
    #[cold]
    pub fn within(self, key: &[u8]) -> Self {
        match self {
            Self::Bson(error) => Self::Bson(error.within(key)),
            Self::Encode(mut refused) => {
                refused.path.push(String::from_utf8_lossy(key).into_owned());
                Self::Encode(refused)
            }
            other => other,
        }
    }

    /// The exception to raise.
    #[cold]
    pub fn raise(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Mismatch => make(py, &BSON, "BSONError", ("the document does not fit", 0, "")),
            Self::Bson(error) => {
                let facts = (error.what(), error.offset(), error.path());
                make(py, &BSON, "BSONError", facts)
            }
            Self::Encode(refused) => {
                let facts = (refused.message.as_str(), path_text(&refused.path));
                make(py, &ENCODE, "EncodeError", facts)
            }
            Self::Python(error) => *error,
        }
    }
}

static BSON: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static ENCODE: PyOnceLock<Py<PyType>> = PyOnceLock::new();

fn make<'py, A>(py: Python<'py>, cell: &PyOnceLock<Py<PyType>>, name: &str, facts: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let made = cell
        .import(py, "mongolane.errors", name)
        .and_then(|class| class.call1(facts));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// The path from outside in; a very long one (a value that contains itself) is cut.
fn path_text(path: &[String]) -> String {
    let shown: Vec<&str> = path.iter().rev().take(12).map(String::as_str).collect();
    let cut = if path.len() > 12 { "..." } else { "" };
    format!("{}{cut}", shown.join("."))
}
