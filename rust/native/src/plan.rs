//! The Python plan as a Rust tree, read once per class.
//!
//! A [`Node`] is one class. It reads its plan when it is first needed, not when
//! it is first named: that ties classes that contain themselves, and lets a plan
//! get its fields after it was made. Nodes of one `compile` are shared by
//! the identity of their plans.

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, Weak};

use mongolane_bson::Expected;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyFrozenSet, PyString, PyType};

use crate::ffi::{Late, Maker, shares_fields_set};
use crate::keys::hash;
use crate::kind::{Kind, read_kind};

/// One field of a class.
pub struct Field {
    /// The stored key.
    pub key: Expected,
    pub name: Py<PyString>,
    /// What the field is called in what a constructor is given.
    pub given: Vec<Py<PyString>>,
    pub adopted: Adopted,
    pub kind: Kind,
    pub default: Default,
    pub omit_none: bool,
    /// The key in JSON with quotes and colon; None when it is not in JSON at all.
    pub json_key: Option<Box<[u8]>>,
    /// Gives an attribute's JSON; for defaults, and for all values if `by_value`.
    pub json: Option<Py<PyAny>>,
    pub by_value: bool,
    /// The default's JSON, once it was needed.
    pub json_default: PyOnceLock<Vec<u8>>,
}

/// What an absent key becomes.
pub enum Default {
    Missing,
    Value(Py<PyAny>),
    Factory(Py<PyAny>),
}

/// Which values of the declared type a constructor leaves as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    All,
    /// What a database can give back.
    Held,
    /// The same, and a missing one is pydantic's to make.
    Given,
}

/// What happens to keys that no field has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    Ignore,
    Allow,
    Forbid,
}

/// Private attributes of a new instance.
pub enum Private {
    None,
    Copied(Py<PyDict>),
    Called(Vec<(Py<PyAny>, Py<PyAny>, bool)>),
}

/// Where an instance keeps the BSON that it was read from.
pub enum KeepRaw {
    /// In `__pydantic_private__`.
    Private(Py<PyString>),
    Attribute(Late),
}

/// One class, read.
pub struct Shape {
    pub maker: Maker,
    pub fields: Vec<Field>,
    /// Hashes of the stored keys, sorted, and their fields.
    by_key: Vec<(u64, usize)>,
    pub fallback: Option<Py<PyAny>>,
    /// The same by names instead of keys, where only usual types are.
    pub direct: Option<Py<PyAny>>,
    /// Names of fields that are stored under other keys, and no keys themselves.
    pub names_only: Vec<Box<[u8]>>,
    pub dump: Option<Py<PyAny>>,
    pub json_dump: Option<Py<PyAny>>,
    pub whole: bool,
    pub whole_dump: bool,
    pub json_through: bool,
    /// Gets each instance that was made by the plan, and gives the one that is meant.
    pub after: Option<Py<PyAny>>,
    /// Gets an instance before its JSON is written, and gives the one that is meant.
    pub again: Option<Py<PyAny>>,
    /// Instances whose JSON could not be written by way of BSON.
    pub inexact: AtomicU32,
    /// Whether a mapping of values of the declared types is an instance already.
    pub adopts: bool,
    /// Only if it has no other keys.
    pub known_only: bool,
    pub extra: Extra,
    pub private: Private,
    pub keep_raw: Option<KeepRaw>,
    /// The names of all fields: `__pydantic_fields_set__` of a full document.
    pub all_set: Py<PyAny>,
    /// Whether instances may share that set, which is frozen.
    pub shares: bool,
    /// The set of the last document that was not full, by which fields it had.
    pub last_set: Mutex<Option<(u128, Py<PyAny>)>>,
}

impl Shape {
    /// Whether JSON needs an instance.
    #[inline]
    pub fn by_instance(&self) -> bool {
        self.whole || self.json_through || self.after.is_some()
    }

    /// The field that is stored under `key`.
    #[inline]
    pub fn find(&self, key: &[u8]) -> Option<usize> {
        let wanted = hash(key);
        let first = self.by_key.partition_point(|(known, _)| *known < wanted);
        let same = |at: &usize| self.fields[*at].key.key() == key;
        let candidates = self.by_key[first..].iter();
        let candidates = candidates.take_while(|(known, _)| *known == wanted);
        candidates.map(|(_, at)| *at).find(same)
    }
}

/// The nodes of one `compile`, by the identity of their plans.
pub type Registry = Arc<Mutex<HashMap<usize, Weak<Node>>>>;

/// One class; its shape is read when it is first needed.
pub struct Node {
    plan: Py<PyAny>,
    registry: Registry,
    shape: PyOnceLock<Shape>,
    may_refuse: PyOnceLock<bool>,
}

impl Node {
    /// The node of `plan`: the one there is, or a new one.
    pub fn of(plan: &Bound<'_, PyAny>, registry: &Registry) -> Arc<Self> {
        let id = plan.as_ptr() as usize;
        let known = registry
            .lock()
            .ok()
            .and_then(|nodes| nodes.get(&id)?.upgrade());
        if let Some(node) = known {
            return node;
        }
        let node = Arc::new(Self {
            plan: plan.clone().unbind(),
            registry: registry.clone(),
            shape: PyOnceLock::new(),
            may_refuse: PyOnceLock::new(),
        });
        if let Ok(mut nodes) = registry.lock() {
            nodes.insert(id, Arc::downgrade(&node));
        }
        node
    }

    /// The plan.
    pub fn plan<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.plan.bind(py)
    }

    /// The class, read now if it was not yet.
    #[inline]
    pub fn shape(&self, py: Python<'_>) -> PyResult<&Shape> {
        self.shape
            .get_or_try_init(py, || read_shape(self.plan.bind(py), &self.registry))
    }

    /// Whether a document of the class may be refused when it is read.
    #[inline]
    pub fn refuses(&self, py: Python<'_>) -> PyResult<bool> {
        let found = || self.may_refuse(py, &mut Vec::new());
        self.may_refuse.get_or_try_init(py, found).copied()
    }

    /// The same, but for classes that are being looked at.
    pub fn may_refuse(&self, py: Python<'_>, seen: &mut Vec<*const Self>) -> PyResult<bool> {
        let shape = self.shape(py)?;
        if shape.whole || shape.after.is_some() {
            return Ok(true);
        }
        if seen.contains(&std::ptr::from_ref(self)) {
            return Ok(false);
        }
        seen.push(self);
        for field in &shape.fields {
            if field.kind.may_refuse(py, seen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads what can be read already: this class and those in it. To be called before
    /// there are instances, see `ffi.rs` and `docs/design/codec.md`.
    pub fn prepare(&self, py: Python<'_>) -> PyResult<()> {
        let empty = self.plan.bind(py).getattr("fields")?.len()? == 0;
        if empty || self.shape.get(py).is_some() {
            return Ok(());
        }
        for field in &self.shape(py)?.fields {
            field.kind.each_node(&mut |node| node.prepare(py))?;
        }
        Ok(())
    }
}

fn optional(plan: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<Py<PyAny>>> {
    Ok(plan.getattr(name)?.extract::<Option<Py<PyAny>>>()?)
}

fn read_shape(plan: &Bound<'_, PyAny>, registry: &Registry) -> PyResult<Shape> {
    let py = plan.py();
    let class = plan.getattr("cls")?.cast_into::<PyType>()?;
    let mut fields = Vec::new();
    for field in plan.getattr("fields")?.try_iter()? {
        fields.push(read_field(&field?, registry)?);
    }
    let names: Vec<Py<PyString>> = fields.iter().map(|f| f.name.clone_ref(py)).collect();
    let hashed = |field: &Field| hash(field.key.key());
    let mut by_key: Vec<_> = fields.iter().map(hashed).zip(0..).collect();
    by_key.sort_unstable();
    let private = read_private(plan)?;
    let all_set = PyFrozenSet::new(py, &names)?.into_any();
    let shape = Shape {
        maker: Maker::new(&class, &names)?,
        by_key,
        fallback: optional(plan, "fallback")?,
        direct: optional(plan, "direct")?,
        names_only: names_only(py, &fields)?,
        dump: optional(plan, "dump")?,
        json_dump: optional(plan, "json_dump")?,
        whole: optional(plan, "whole")?.is_some(),
        whole_dump: optional(plan, "whole_dump")?.is_some(),
        json_through: optional(plan, "json_through")?.is_some()
            || fields
                .iter()
                .any(|f| f.json_key.is_some() && !f.by_value && f.kind.needs_instance_json()),
        after: optional(plan, "after")?,
        again: optional(plan, "again")?,
        inexact: AtomicU32::new(0),
        adopts: plan.getattr("adopts")?.extract()?,
        known_only: plan.getattr("known_only")?.extract()?,
        extra: read_extra(plan)?,
        keep_raw: read_keep_raw(plan, &class, &private)?,
        private,
        all_set: all_set.unbind(),
        shares: shares_fields_set(&class)?,
        last_set: Mutex::new(None),
        fields,
    };
    Ok(shape)
}

fn names_only(py: Python<'_>, fields: &[Field]) -> PyResult<Vec<Box<[u8]>>> {
    let mut found = Vec::new();
    for field in fields {
        let name = field.name.bind(py).to_str()?.as_bytes();
        if fields.iter().all(|other| other.key.key() != name) {
            found.push(name.into());
        }
    }
    Ok(found)
}

fn read_extra(plan: &Bound<'_, PyAny>) -> PyResult<Extra> {
    match plan.getattr("extra")?.extract::<String>()?.as_str() {
        "ignore" => Ok(Extra::Ignore),
        "allow" => Ok(Extra::Allow),
        "forbid" => Ok(Extra::Forbid),
        other => Err(PyValueError::new_err(format!(
            "a plan's extra can't be {other:?}"
        ))),
    }
}

fn read_private(plan: &Bound<'_, PyAny>) -> PyResult<Private> {
    let mapping = plan.getattr("private")?;
    if mapping.is_none() {
        return Ok(Private::None);
    }
    let dict = PyDict::new(plan.py());
    dict.update(mapping.cast()?)?;
    let mut all = Vec::new();
    for (name, value) in dict.iter() {
        let called = value.is_callable();
        all.push((name.unbind(), value.unbind(), called));
    }
    Ok(match all.iter().any(|(_, _, called)| *called) {
        true => Private::Called(all),
        false => Private::Copied(dict.unbind()),
    })
}

fn read_keep_raw(
    plan: &Bound<'_, PyAny>,
    class: &Bound<'_, PyType>,
    private: &Private,
) -> PyResult<Option<KeepRaw>> {
    let name = plan.getattr("keep_raw")?;
    if name.is_none() {
        return Ok(None);
    }
    let inside = match private {
        Private::None => false,
        Private::Copied(dict) => dict.bind(plan.py()).contains(&name)?,
        Private::Called(all) => {
            let same = |n: &Py<PyAny>| n.bind(plan.py()).eq(&name).unwrap_or(false);
            all.iter().any(|(n, _, _)| same(n))
        }
    };
    let name = name.cast_into::<PyString>()?;
    Ok(Some(match inside {
        true => KeepRaw::Private(name.unbind()),
        false => KeepRaw::Attribute(Late::new(class, &name)?),
    }))
}

fn read_field(field: &Bound<'_, PyAny>, registry: &Registry) -> PyResult<Field> {
    let py = field.py();
    let name: String = field.getattr("name")?.extract()?;
    let key: String = field.getattr("key")?.extract()?;
    if key.contains('\0') {
        return Err(PyValueError::new_err(format!(
            "{name}: a stored key with a NUL in it"
        )));
    }
    let json_key: Option<String> = field.getattr("json_key")?.extract()?;
    let skip: bool = field.getattr("json_skip")?.extract()?;
    let mut json = Vec::new();
    mongolane_bson::json::text(&mut json, json_key.as_deref().unwrap_or(&name));
    json.push(b':');
    let mut given = Vec::new();
    for name in field.getattr("given")?.try_iter()? {
        given.push(PyString::intern(py, name?.cast::<PyString>()?.to_str()?).unbind());
    }
    let adopted = match field.getattr("adopted")?.extract::<String>()?.as_str() {
        "" => Adopted::All,
        "held" => Adopted::Held,
        _ => Adopted::Given,
    };
    Ok(Field {
        given,
        adopted,
        key: Expected::new(key.as_bytes()),
        kind: read_kind(&field.getattr("kind")?, registry)?,
        default: read_default(field)?,
        omit_none: field.getattr("omit_none")?.extract()?,
        json: optional(field, "json")?,
        by_value: optional(field, "json_by_value")?.is_some(),
        json_key: (!skip).then(|| json.into()),
        json_default: PyOnceLock::new(),
        name: PyString::intern(py, &name).unbind(),
    })
}

fn read_default(field: &Bound<'_, PyAny>) -> PyResult<Default> {
    let factory = field.getattr("default_factory")?;
    if !factory.is_none() {
        return Ok(Default::Factory(factory.unbind()));
    }
    let missing = field
        .py()
        .import("mongolane.codec.plan")?
        .getattr("MISSING")?;
    let value = field.getattr("default")?;
    Ok(match value.is(&missing) {
        true => Default::Missing,
        false => Default::Value(value.unbind()),
    })
}
