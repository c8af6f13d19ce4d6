//! The Python classes that the codec makes and knows, imported once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

use crate::ffi::ObjectIds;

macro_rules! types {
    ($($(#[$doc:meta])* $field:ident = $module:literal, $name:literal;)*) => {
        /// Every class by its role.
        pub struct Types {
            /// Makes ObjectIds.
            pub object_ids: ObjectIds,
            /// `datetime.timezone.utc`.
            pub utc: Py<PyAny>,
            /// `collections.abc.Mapping`.
            pub mapping: Py<PyAny>,
            $($(#[$doc])* pub $field: Py<PyType>,)*
        }

        impl Types {
            fn load(py: Python<'_>) -> PyResult<Self> {
                let class = |module: &str, name: &str| -> PyResult<Py<PyType>> {
                    Ok(py.import(module)?.getattr(name)?.cast_into::<PyType>()?.unbind())
                };
                $(let $field = class($module, $name)?;)*
                let object_ids = ObjectIds::new(class("bson", "ObjectId")?.bind(py));
                let utc = py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind();
                let mapping = py.import("collections.abc")?.getattr("Mapping")?.unbind();
                Ok(Self { object_ids, utc, mapping, $($field),* })
            }
        }
    };
}

types! {
    object_id = "bson", "ObjectId";
    binary = "bson.binary", "Binary";
    decimal128 = "bson.decimal128", "Decimal128";
    regex = "bson.regex", "Regex";
    code = "bson.code", "Code";
    timestamp = "bson.timestamp", "Timestamp";
    int64 = "bson.int64", "Int64";
    min_key = "bson.min_key", "MinKey";
    max_key = "bson.max_key", "MaxKey";
    dbref = "bson.dbref", "DBRef";
    datetime_ms = "bson.datetime_ms", "DatetimeMS";
    uuid = "uuid", "UUID";
    decimal = "decimal", "Decimal";
    enumeration = "enum", "Enum";
    pattern = "re", "Pattern";
    deque = "collections", "deque";
    time = "datetime", "time";
    timedelta = "datetime", "timedelta";
}

static TYPES: PyOnceLock<Types> = PyOnceLock::new();

/// The classes.
#[inline]
pub fn types(py: Python<'_>) -> PyResult<&'static Types> {
    TYPES.get_or_try_init(py, || Types::load(py))
}

impl Types {
    /// `bson.Binary`.
    pub fn make_binary<'py>(
        &self,
        py: Python<'py>,
        subtype: u8,
        bytes: &[u8],
    ) -> PyResult<Bound<'py, PyAny>> {
        let bytes = pyo3::types::PyBytes::new(py, bytes);
        self.binary.bind(py).call1((bytes, subtype))
    }

    /// `uuid.UUID`.
    pub fn make_uuid<'py>(&self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
        let bytes = pyo3::types::PyBytes::new(py, bytes);
        self.uuid.bind(py).call1((py.None(), bytes))
    }

    /// `decimal.Decimal`.
    pub fn make_decimal<'py>(
        &self,
        py: Python<'py>,
        bytes: [u8; 16],
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = mongolane_bson::Decimal128::from_bytes(bytes).to_string();
        self.decimal.bind(py).call1((text,))
    }

    /// `bson.Decimal128`.
    pub fn make_decimal128<'py>(
        &self,
        py: Python<'py>,
        bytes: [u8; 16],
    ) -> PyResult<Bound<'py, PyAny>> {
        let bits = u128::from_le_bytes(bytes);
        let halves = PyTuple::new(py, [(bits >> 64) as u64, bits as u64])?;
        self.decimal128.bind(py).call1((halves,))
    }
}
