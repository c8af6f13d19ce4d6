//! How one value lies in BSON: the plan's kinds, read from their Python classes.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString, PyTuple, PyType};

use crate::limits::{Bounds, Lengths, Rules};
use crate::plan::{Node, Registry};

/// One kind. The big ones are boxed, so that a field stays small.
pub enum Kind {
    Any,
    Text(Lengths, Option<Box<Rules>>),
    Int(Bounds),
    Float(Bounds),
    Bool,
    ObjectId,
    Decimal(Bounds),
    Decimal128,
    Bytes(Lengths),
    Uuid,
    Date {
        aware: bool,
    },
    /// A day, stored as its midnight, UTC.
    Day,
    /// A time of day without a zone, stored as ISO 8601 text.
    Clock,
    /// A duration, stored as seconds.
    Span,
    /// One of the `bson` package's own classes.
    Exactly(Py<PyType>),
    Choice(Box<Choice>),
    Nullable(Box<Kind>),
    List(Box<List>),
    Dict(Box<Kind>),
    /// An array of so many items, each of its own kind: a tuple.
    Fixed(Box<[Kind]>),
    Model(Arc<Node>),
    Union(Box<Union>),
    Through(Box<Through>),
}

/// An enumeration, or literal values.
pub struct Choice {
    /// The enumeration's class; None for literals.
    pub class: Option<Py<PyType>>,
    pub texts: Vec<(Box<str>, Py<PyAny>)>,
    pub ints: Vec<(i64, Py<PyAny>)>,
    pub bools: [Option<Py<PyAny>>; 2],
    pub null: Option<Py<PyAny>>,
    /// Members whose values are of other types, by value.
    pub others: Py<PyDict>,
}

/// An array.
pub struct List {
    pub item: Kind,
    pub container: Container,
    pub lengths: Lengths,
}

/// What an array becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Container {
    List,
    Tuple,
    Set,
    FrozenSet,
    Deque,
}

/// Alternatives, told apart by BSON type or by a key's text.
pub struct Union {
    pub alternatives: Vec<Kind>,
    pub discriminator: Option<Box<[u8]>>,
    /// Tags that are texts, and which of `tagged` they choose.
    pub texts: Vec<(Box<[u8]>, usize)>,
    /// Tags that are no text, likewise.
    pub others: Py<PyDict>,
    pub tagged: Vec<Tagged>,
}

/// What a key's value chooses: a class, or a union told apart by another key.
pub enum Tagged {
    Model(Arc<Node>),
    Union(Box<Union>),
}

impl Union {
    /// Calls `visit` for each class that a key's value may choose, until it has enough.
    pub fn each_tagged<T>(&self, visit: &mut impl FnMut(&Arc<Node>) -> Option<T>) -> Option<T> {
        self.tagged.iter().find_map(|one| match one {
            Tagged::Model(node) => visit(node),
            Tagged::Union(inner) => inner.each_tagged(visit),
        })
    }
}

/// By way of Python.
pub struct Through {
    pub load: Py<PyAny>,
    pub dump: Py<PyAny>,
    pub json: Option<Py<PyAny>>,
    /// What values are besides.
    pub inner: Option<Kind>,
    /// What `inner` makes of a stored value is the value.
    pub exact: bool,
    /// Gets what `inner` makes of a stored value, instead of `load`.
    pub checked: Option<Py<PyAny>>,
    /// Gets the plain value, instead of `load`, where only usual types are in it.
    pub direct: Option<Py<PyAny>>,
    /// Members of a union that BSON types cannot tell.
    pub models: Vec<Arc<Node>>,
    /// A class whose instances are stored by their attributes, as these lie there.
    pub record: Option<Record>,
}

/// A class of plain objects, and the names of its attributes.
pub struct Record {
    pub class: Py<PyType>,
    pub names: Vec<Py<PyString>>,
}

impl Kind {
    /// Calls `visit` for each class directly in this kind.
    pub fn each_node(&self, visit: &mut impl FnMut(&Node) -> PyResult<()>) -> PyResult<()> {
        match self {
            Self::Nullable(inner) | Self::Dict(inner) => inner.each_node(visit),
            Self::List(list) => list.item.each_node(visit),
            Self::Fixed(kinds) => kinds.iter().try_for_each(|kind| kind.each_node(visit)),
            Self::Model(node) => visit(node),
            Self::Union(union) => {
                for kind in &union.alternatives {
                    kind.each_node(visit)?;
                }
                let failed = union.each_tagged(&mut |node| visit(node).err());
                failed.map_or(Ok(()), Err)
            }
            Self::Through(through) => {
                if let Some(inner) = &through.inner {
                    inner.each_node(visit)?;
                }
                through.models.iter().try_for_each(|node| visit(node))
            }
            _ => Ok(()),
        }
    }

    /// Whether the value is an instance of a class, or a list of such.
    pub fn holds_models(&self) -> bool {
        match self {
            Self::Nullable(inner) => inner.holds_models(),
            Self::List(list) => list.item.holds_models(),
            Self::Model(_) => true,
            _ => false,
        }
    }

    /// Whether the value is a set (or None).
    pub fn is_set(&self) -> bool {
        match self {
            Self::Nullable(inner) => inner.is_set(),
            Self::List(list) => matches!(list.container, Container::Set | Container::FrozenSet),
            _ => false,
        }
    }

    /// Whether a value that was written by this kind may be refused when it is read: it
    /// has limits, literals, or checks in Python. `seen` are the classes looked at.
    pub fn may_refuse(&self, py: Python<'_>, seen: &mut Vec<*const Node>) -> PyResult<bool> {
        match self {
            Self::Text(lengths, rules) => Ok(lengths.any() || rules.is_some()),
            Self::Bytes(lengths) => Ok(lengths.any()),
            Self::Int(bounds) | Self::Float(bounds) | Self::Decimal(bounds) => Ok(bounds.any()),
            Self::Choice(choice) => Ok(choice.class.is_none()),
            Self::Nullable(inner) | Self::Dict(inner) => inner.may_refuse(py, seen),
            Self::List(list) => Ok(list.lengths.any() || list.item.may_refuse(py, seen)?),
            Self::Fixed(kinds) => any(kinds, py, seen),
            Self::Model(node) => node.may_refuse(py, seen),
            Self::Union(union) => {
                let mut tagged = Ok(false);
                union.each_tagged(&mut |node| {
                    tagged = node.may_refuse(py, seen);
                    (!matches!(tagged, Ok(false))).then_some(())
                });
                Ok(tagged? || any(&union.alternatives, py, seen)?)
            }
            Self::Through(through) => match &through.inner {
                Some(inner) if through.exact => inner.may_refuse(py, seen),
                _ => Ok(true),
            },
            _ => Ok(false),
        }
    }

    /// Whether JSON can only be made from the attribute's value, in a way unknown here.
    pub fn needs_instance_json(&self) -> bool {
        match self {
            Self::Nullable(inner) | Self::Dict(inner) => inner.needs_instance_json(),
            Self::List(list) => list.item.needs_instance_json(),
            Self::Union(union) => union.alternatives.iter().any(Self::needs_instance_json),
            Self::Fixed(kinds) => kinds.iter().any(Self::needs_instance_json),
            Self::Through(through) => match &through.inner {
                Some(inner) if through.exact => inner.needs_instance_json(),
                _ => through.json.is_none(),
            },
            _ => false,
        }
    }
}

fn any(kinds: &[Kind], py: Python<'_>, seen: &mut Vec<*const Node>) -> PyResult<bool> {
    for kind in kinds {
        if kind.may_refuse(py, seen)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a kind by the name of its class.
pub fn read_kind(kind: &Bound<'_, PyAny>, registry: &Registry) -> PyResult<Kind> {
    let class = kind.get_type().name()?;
    let inner = |name: &str| read_kind(&kind.getattr(name)?, registry);
    Ok(match class.to_str()? {
        "Scalar" => return read_scalar(kind),
        "DateTime" => Kind::Date {
            aware: kind.getattr("aware")?.extract()?,
        },
        "Day" => Kind::Day,
        "Clock" => Kind::Clock,
        "Span" => Kind::Span,
        "Exactly" => Kind::Exactly(kind.getattr("cls")?.cast_into::<PyType>()?.unbind()),
        "EnumOf" => Kind::Choice(Box::new(read_enum(kind)?)),
        "Literal" => Kind::Choice(Box::new(read_literal(kind)?)),
        "Nullable" => Kind::Nullable(Box::new(inner("inner")?)),
        "ListOf" => Kind::List(Box::new(List {
            item: inner("item")?,
            container: read_container(&kind.getattr("container")?)?,
            lengths: Lengths::read(kind)?,
        })),
        "Fixed" => {
            let items = kind.getattr("items")?;
            let kinds = items.try_iter()?.map(|item| read_kind(&item?, registry));
            Kind::Fixed(kinds.collect::<PyResult<_>>()?)
        }
        "DictOf" => Kind::Dict(Box::new(inner("value")?)),
        "Model" => Kind::Model(Node::of(&kind.getattr("plan")?, registry)),
        "OneOf" => Kind::Union(Box::new(read_union(kind, registry)?)),
        "Through" => Kind::Through(Box::new(read_through(kind, registry)?)),
        other => {
            return Err(PyValueError::new_err(format!(
                "a plan with the unknown kind {other}"
            )));
        }
    })
}

fn read_through(kind: &Bound<'_, PyAny>, registry: &Registry) -> PyResult<Through> {
    let inner = kind.getattr("besides")?;
    let mut models = Vec::new();
    for model in kind.getattr("models")?.try_iter()? {
        models.push(Node::of(&model?.getattr("plan")?, registry));
    }
    Ok(Through {
        load: kind.getattr("load")?.unbind(),
        dump: kind.getattr("dump")?.unbind(),
        json: kind.getattr("json")?.extract()?,
        inner: match inner.is_none() {
            true => None,
            false => Some(read_kind(&inner, registry)?),
        },
        exact: kind.getattr("exact")?.extract()?,
        record: read_record(&kind.getattr("record")?)?,
        checked: kind.getattr("checked")?.extract()?,
        direct: kind.getattr("direct")?.extract()?,
        models,
    })
}

fn read_record(pair: &Bound<'_, PyAny>) -> PyResult<Option<Record>> {
    if pair.is_none() {
        return Ok(None);
    }
    let (class, names) = pair.extract()?;
    Ok(Some(Record { class, names }))
}

fn read_scalar(kind: &Bound<'_, PyAny>) -> PyResult<Kind> {
    Ok(match kind.getattr("tag")?.extract::<String>()?.as_str() {
        "any" => Kind::Any,
        "str" => Kind::Text(Lengths::read(kind)?, Rules::read(kind)?),
        "int" => Kind::Int(Bounds::read(kind)?),
        "float" => Kind::Float(Bounds::read(kind)?),
        "bool" => Kind::Bool,
        "object_id" => Kind::ObjectId,
        "decimal" => Kind::Decimal(Bounds::read(kind)?),
        "decimal128" => Kind::Decimal128,
        "bytes" => Kind::Bytes(Lengths::read(kind)?),
        "uuid" => Kind::Uuid,
        other => {
            return Err(PyValueError::new_err(format!(
                "a plan with the unknown tag {other:?}"
            )));
        }
    })
}

fn read_container(class: &Bound<'_, PyAny>) -> PyResult<Container> {
    Ok(match class.cast::<PyType>()?.name()?.to_str()? {
        "list" => Container::List,
        "tuple" => Container::Tuple,
        "set" => Container::Set,
        "frozenset" => Container::FrozenSet,
        "deque" => Container::Deque,
        other => {
            return Err(PyValueError::new_err(format!(
                "an array can't become a {other}"
            )));
        }
    })
}

impl Choice {
    fn empty(py: Python<'_>) -> Self {
        Self {
            class: None,
            texts: Vec::new(),
            ints: Vec::new(),
            bools: [None, None],
            null: None,
            others: PyDict::new(py).unbind(),
        }
    }

    /// Files `made` under the stored `value`.
    fn add(&mut self, value: &Bound<'_, PyAny>, made: &Bound<'_, PyAny>) -> PyResult<()> {
        let made = made.clone().unbind();
        if let Ok(flag) = value.cast::<PyBool>() {
            self.bools[usize::from(flag.is_true())] = Some(made);
        } else if value.is_none() {
            self.null = Some(made);
        } else if let Ok(text) = value.cast::<PyString>() {
            self.texts.push((text.to_str()?.into(), made));
        } else if value.is_instance_of::<PyInt>()
            && let Ok(number) = value.extract::<i64>()
        {
            self.ints.push((number, made));
        } else if value.hash().is_ok() {
            self.others.bind(value.py()).set_item(value, made)?;
        }
        Ok(())
    }
}

fn read_enum(kind: &Bound<'_, PyAny>) -> PyResult<Choice> {
    let class = kind.getattr("cls")?.cast_into::<PyType>()?;
    let mut choice = Choice::empty(kind.py());
    for member in class.try_iter()? {
        let member = member?;
        choice.add(&member.getattr("value")?, &member)?;
    }
    choice.class = Some(class.unbind());
    Ok(choice)
}

fn read_literal(kind: &Bound<'_, PyAny>) -> PyResult<Choice> {
    let mut choice = Choice::empty(kind.py());
    for value in kind.getattr("values")?.cast::<PyTuple>()?.iter() {
        choice.add(&value, &value)?;
    }
    Ok(choice)
}

fn read_union(kind: &Bound<'_, PyAny>, registry: &Registry) -> PyResult<Union> {
    let mut union = Union {
        alternatives: Vec::new(),
        discriminator: kind
            .getattr("discriminator")?
            .extract::<Option<String>>()?
            .map(|key| key.into_bytes().into()),
        texts: Vec::new(),
        others: PyDict::new(kind.py()).unbind(),
        tagged: Vec::new(),
    };
    for alternative in kind.getattr("alternatives")?.try_iter()? {
        union.alternatives.push(read_kind(&alternative?, registry)?);
    }
    for pair in kind.getattr("tagged")?.call_method0("items")?.try_iter()? {
        let (tag, chosen) = pair?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let place = union.tagged.len();
        match tag.cast::<PyString>() {
            Ok(text) => union.texts.push((text.to_str()?.as_bytes().into(), place)),
            Err(_) => union.others.bind(kind.py()).set_item(tag, place)?,
        }
        union.tagged.push(match read_kind(&chosen, registry)? {
            Kind::Model(node) => Tagged::Model(node),
            Kind::Union(inner) => Tagged::Union(inner),
            _ => return Err(PyValueError::new_err("a tag that chooses no class")),
        });
    }
    Ok(union)
}
